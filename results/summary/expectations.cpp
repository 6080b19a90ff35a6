// SPDX-License-Identifier: Apache-2.0
#include "results/summary/expectations.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "results/record/json_lines.h"

namespace wsfleet {
namespace {

// Longer signs first: "<=" begins with "<".
constexpr std::array<std::pair<std::string_view, Relation>, 5> kRelations{
    {{"<=", Relation::less_or_equal},
     {">=", Relation::greater_or_equal},
     {"==", Relation::equal},
     {"<", Relation::less},
     {">", Relation::greater}}};

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool holds(double value, Relation relation, double limit) {
  switch (relation) {
    case Relation::less:
      return value < limit;
    case Relation::less_or_equal:
      return value <= limit;
    case Relation::equal:
      return value == limit;
    case Relation::greater_or_equal:
      return value >= limit;
    case Relation::greater:
      break;
  }
  return value > limit;
}

}  // namespace

std::string to_string(const Expectation& expectation) {
  std::string text = expectation.score + " ";
  for (const auto& [sign, relation] : kRelations) {
    if (relation == expectation.relation) text += sign;
  }
  text += ' ';
  append_number(text, expectation.limit);
  return text;
}

Result<Expectation> parse_expectation(std::string score, std::string_view condition) {
  const std::string_view text = trimmed(condition);
  for (const auto& [sign, relation] : kRelations) {
    if (!text.starts_with(sign)) continue;
    const std::string_view number = trimmed(text.substr(sign.size()));
    double limit = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), limit);
    if (error != std::errc() || end != number.data() + number.size() || !std::isfinite(limit)) {
      return fail(ErrorKind::configuration,
                  "'" + std::string(number) + "' is not a number to compare " + score + " with");
    }
    return Expectation{std::move(score), relation, limit};
  }
  return fail(ErrorKind::configuration, "'" + std::string(condition) +
                                            "' is not a condition: write one of < <= == >= > and a "
                                            "number, as in \"< 0.01\"");
}

std::vector<Expectation> read_expectations(TomlTable table) {
  std::vector<Expectation> expectations;
  for (const std::string& key : table.keys()) {
    if (find_score(key) == nullptr) {
      table.accept(key);
      const auto meant = closest_match(key, score_names());
      table.error(key, "unknown score '" + key + "' in [expect]",
                  meant ? "did you mean '" + *meant + "'?" : "docs/scores.md lists the scores");
      continue;
    }
    // A value of another type is reported by the reader, which then goes on with this one.
    const std::string condition = table.string(key, "== 0");
    auto expectation = parse_expectation(key, condition);
    if (expectation) {
      expectations.push_back(std::move(*expectation));
    } else {
      table.error(key, expectation.error().message);
    }
  }
  table.finish();
  return expectations;
}

std::vector<ExpectResult> evaluate(const std::vector<Expectation>& expectations,
                                   const Scores& scores) {
  std::vector<ExpectResult> results;
  for (const Expectation& expectation : expectations) {
    const auto found = std::ranges::find(scores, expectation.score, &Score::name);
    const Score score = found == scores.end()
                            ? Score{expectation.score, std::numeric_limits<double>::quiet_NaN()}
                            : *found;
    results.push_back({to_string(expectation), score.value,
                       holds(score.value, expectation.relation, expectation.limit), score.unknown});
  }
  return results;
}

std::optional<Error> unknown_conditions(const std::vector<ExpectResult>& results) {
  std::string conditions;
  for (const ExpectResult& result : results) {
    if (!result.unknown) continue;
    conditions += (conditions.empty() ? "'" : ", '") + result.condition + "'";
  }
  if (conditions.empty()) return std::nullopt;
  return Error{ErrorKind::failed,
               "[expect] can't be checked, the run could not measure it: " + conditions};
}

bool all_met(const std::vector<ExpectResult>& results) {
  return std::ranges::all_of(results, &ExpectResult::met);
}

}  // namespace wsfleet
