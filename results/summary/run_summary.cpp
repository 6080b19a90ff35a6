// SPDX-License-Identifier: Apache-2.0
#include "results/summary/run_summary.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace wsfleet {
namespace {

using nlohmann::ordered_json;

ordered_json number_or_null(double value) {
  return std::isfinite(value) ? ordered_json(value) : ordered_json(nullptr);
}

// null stands for several things; which of them it is, is said elsewhere.
double number_from(const ordered_json& value, bool infinite) {
  if (!value.is_null()) return value.get<double>();
  return infinite ? std::numeric_limits<double>::infinity()
                  : std::numeric_limits<double>::quiet_NaN();
}

ordered_json scores_to_json(const Scores& scores) {
  ordered_json object = ordered_json::object();
  for (const Score& score : scores) object[score.name] = number_or_null(score.value);
  return object;
}

template <class Predicate>
ordered_json names_of(const Scores& scores, Predicate wanted) {
  ordered_json names = ordered_json::array();
  for (const Score& score : scores) {
    if (wanted(score)) names.push_back(score.name);
  }
  return names;
}

ordered_json expect_to_json(const std::vector<ExpectResult>& results) {
  ordered_json array = ordered_json::array();
  for (const ExpectResult& result : results) {
    ordered_json object{{"condition", result.condition},
                        {"value", number_or_null(result.value)},
                        {"met", result.met}};
    if (std::isinf(result.value)) object["infinite"] = true;
    if (result.unknown) object["unknown"] = true;
    array.push_back(std::move(object));
  }
  return array;
}

}  // namespace

ordered_json to_json(const RunSummary& summary) {
  return {
      {"format", kResultsFormat},
      {"scenario", summary.scenario},
      {"policy", summary.policy},
      {"seed", summary.seed},
      {"backend", summary.backend},
      {"simulated_s", summary.simulated_s},
      {"wall_s", summary.wall_s},
      {"events", summary.events},
      {"decisions", summary.decisions},
      {"held_decisions", summary.held_decisions},
      {"stopped", summary.stopped},
      {"scores", scores_to_json(summary.scores)},
      {"infinite_scores",
       names_of(summary.scores, [](const Score& one) { return std::isinf(one.value); })},
      {"unknown_scores", names_of(summary.scores, [](const Score& one) { return one.unknown; })},
      {"expect", expect_to_json(summary.expect)},
      {"notices", summary.notices},
      {"directory", summary.directory}};
}

std::string to_json_line(const RunSummary& summary) {
  return to_json(summary).dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

Result<RunSummary> run_summary_from_json(const ordered_json& json) {
  RunSummary summary;
  try {
    if (const int format = json.at("format").get<int>(); format != kResultsFormat) {
      return fail("run summary: format " + std::to_string(format) + " is not known, only " +
                  std::to_string(kResultsFormat));
    }
    summary.scenario = json.at("scenario").get<std::string>();
    summary.policy = json.at("policy").get<std::string>();
    summary.seed = json.at("seed").get<std::uint64_t>();
    summary.backend = json.at("backend").get<std::string>();
    summary.simulated_s = json.at("simulated_s").get<double>();
    summary.wall_s = json.at("wall_s").get<double>();
    summary.events = json.at("events").get<std::int64_t>();
    summary.decisions = json.value("decisions", std::int64_t{0});
    summary.held_decisions = json.value("held_decisions", std::int64_t{0});
    summary.stopped = json.at("stopped").get<bool>();
    const auto infinite = json.at("infinite_scores").get<std::vector<std::string>>();
    const auto unknown = json.value("unknown_scores", std::vector<std::string>());
    const auto is_in = [](const std::vector<std::string>& names, const std::string& name) {
      return std::ranges::find(names, name) != names.end();
    };
    for (const auto& [name, value] : json.at("scores").items()) {
      summary.scores.push_back(
          {name, number_from(value, is_in(infinite, name)), is_in(unknown, name)});
    }
    for (const ordered_json& result : json.at("expect")) {
      summary.expect.push_back({result.at("condition").get<std::string>(),
                                number_from(result.at("value"), result.contains("infinite")),
                                result.at("met").get<bool>(), result.contains("unknown")});
    }
    summary.notices = json.at("notices").get<std::vector<std::string>>();
    summary.directory = json.value("directory", std::string());
  } catch (const nlohmann::json::exception& exception) {
    return fail(std::string("run summary: ") + exception.what());
  }
  return summary;
}

Result<RunSummary> parse_run_summary(std::string_view text) {
  const ordered_json json = ordered_json::parse(text, nullptr, false);
  if (json.is_discarded()) return fail("run summary: not JSON");
  return run_summary_from_json(json);
}

}  // namespace wsfleet
