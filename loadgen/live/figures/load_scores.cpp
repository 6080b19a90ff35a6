// SPDX-License-Identifier: Apache-2.0
#include "loadgen/live/figures/load_scores.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "core/toml/diagnostics.h"

namespace wsfleet {
namespace {

constexpr std::array<std::pair<const char*, double>, 5> kQuantiles = {
    {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p999", 0.999}, {"max", 1.0}}};

// Longer signs first: "<=" begins with "<".
constexpr std::array<std::pair<std::string_view, Comparison>, 5> kSigns{
    {{"<=", Comparison::less_or_equal},
     {">=", Comparison::greater_or_equal},
     {"==", Comparison::equal},
     {"<", Comparison::less},
     {">", Comparison::greater}}};

double share(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? std::numeric_limits<double>::quiet_NaN()
                    : static_cast<double>(part) / static_cast<double>(whole);
}

bool holds(double value, Comparison comparison, double limit) {
  switch (comparison) {
    case Comparison::less:
      return value < limit;
    case Comparison::less_or_equal:
      return value <= limit;
    case Comparison::equal:
      return value == limit;
    case Comparison::greater_or_equal:
      return value >= limit;
    case Comparison::greater:
      break;
  }
  return value > limit;
}

std::string trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(" \t") - begin + 1));
}

tl::unexpected<Error> bad(std::string_view text, const std::string& why) {
  return fail(ErrorKind::usage, fmt::format("'{}' is no threshold: {}", text, why));
}

}  // namespace

LoadScores load_scores(const LoadFigures& figures) {
  const Counts sums = figures.totals();
  LoadScores scores;
  const auto add = [&](std::string name, double value) {
    scores.push_back({std::move(name), value});
  };
  for (const auto& [name, histogram] : load_histograms()) {
    const Histogram& values = figures.histograms.*histogram;
    for (const auto& [label, quantile] : kQuantiles) {
      add(fmt::format("{}_{}_s", name, label), values.quantile(quantile) / 1e9);
    }
    add(fmt::format("{}_mean_s", name), values.mean() / 1e9);
  }
  const std::int64_t attempts = attempts_ended(sums);
  add("attempts", static_cast<double>(attempts));
  add("refused", static_cast<double>(refused(sums)));
  add("failed", static_cast<double>(failed(sums)));
  add("refused_share", share(refused(sums) + failed(sums), attempts));
  add("closed", static_cast<double>(closed(sums)));
  add("closed_by_server", static_cast<double>(closed(sums) - count(sums, Figure::closed_own_end) -
                                              count(sums, Figure::closed_close_timeout)));
  add("connections_open_at_end", static_cast<double>(figures.left.connections_open));
  std::int64_t connections = 0;
  std::int64_t most = 0;
  for (const LoadRow& row : figures.rows()) {
    connections += count(row.counts, Figure::opened) - closed(row.counts);
    most = std::max(most, connections);
  }
  add("connections_max", static_cast<double>(most));
  double cpu_share_max = 0;
  double cpu_s = 0;
  for (const ThreadUse& thread : figures.threads) {
    cpu_s += thread.cpu_s;
    if (thread.wall_s > 0) cpu_share_max = std::max(cpu_share_max, thread.cpu_s / thread.wall_s);
  }
  add("cpu_s", cpu_s);
  add("cpu_share_max", cpu_share_max);
  for (std::size_t i = 0; i < kFigures; ++i) {
    add(figure_info()[i].name, static_cast<double>(sums[i]));
  }
  return scores;
}

std::vector<std::string> load_score_names() {
  std::vector<std::string> names;
  for (const LoadScore& score : load_scores({})) names.push_back(score.name);
  return names;
}

Result<Threshold> parse_threshold(std::string_view text) {
  const std::size_t at = text.find_first_of("<>=");
  if (at == std::string_view::npos) {
    return bad(text, "write SCORE, one of < <= == >= > and a number, as in refused_share<0.01");
  }
  Threshold threshold;
  threshold.text = text;
  threshold.score = trimmed(text.substr(0, at));
  const std::vector<std::string> names = load_score_names();
  if (std::find(names.begin(), names.end(), threshold.score) == names.end()) {
    const auto meant = closest_match(threshold.score, names);
    return bad(text, fmt::format("there is no score '{}'{}", threshold.score,
                                 meant ? fmt::format("; did you mean '{}'?", *meant) : ""));
  }
  for (const auto& [sign, comparison] : kSigns) {
    if (!text.substr(at).starts_with(sign)) continue;
    threshold.comparison = comparison;
    const std::string number = trimmed(text.substr(at + sign.size()));
    const char* end = number.data() + number.size();
    const auto [stopped, error] = std::from_chars(number.data(), end, threshold.limit);
    if (error != std::errc() || stopped != end || !std::isfinite(threshold.limit)) {
      return bad(text, fmt::format("'{}' is no number", number));
    }
    return threshold;
  }
  return bad(text, "its sign should be one of < <= == >= >");
}

std::vector<ThresholdResult> evaluate(const std::vector<Threshold>& thresholds,
                                      const LoadScores& scores) {
  std::vector<ThresholdResult> results;
  for (const Threshold& threshold : thresholds) {
    const auto score = std::find_if(scores.begin(), scores.end(), [&](const LoadScore& candidate) {
      return candidate.name == threshold.score;
    });
    const double value =
        score == scores.end() ? std::numeric_limits<double>::quiet_NaN() : score->value;
    results.push_back({threshold.text, value, holds(value, threshold.comparison, threshold.limit)});
  }
  return results;
}

}  // namespace wsfleet
