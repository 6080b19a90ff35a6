// SPDX-License-Identifier: Apache-2.0
#include "loadgen/live/figures/load_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string_view>

#include "loadgen/live/figures/figures_json.h"

namespace wsfleet {
namespace {

constexpr int kFormat = 1;
constexpr double kLateSeconds = 0.01;
constexpr double kBusyShare = 0.9;

double score(const LoadScores& scores, std::string_view name) {
  const auto found = std::find_if(scores.begin(), scores.end(), [&](const LoadScore& candidate) {
    return candidate.name == name;
  });
  return found == scores.end() ? 0 : found->value;
}

std::vector<std::string> warnings_of(const LoadReport& report) {
  std::vector<std::string> warnings;
  constexpr const char* kRemedy =
      "use more --threads or more processes (--shard I/N), or a faster machine";
  const Counts sums = report.figures.totals();
  for (const char* what : {"start", "send"}) {
    const double late = score(report.scores, fmt::format("{}_lateness_p99_s", what));
    if (!(late > kLateSeconds)) continue;
    warnings.push_back(fmt::format(
        "the generator could not keep up: 1 % of its {}s were {:.0f} ms late or more; {}{}", what,
        late * 1e3, std::string_view(what) == "start" ? "spread them (--ramp), " : "", kRemedy));
  }
  const double busy = score(report.scores, "cpu_share_max");
  if (busy > kBusyShare) {
    warnings.push_back(fmt::format(
        "the generator is saturated: a thread used {:.0f} % of a CPU, so the server may not be the "
        "limit; {}",
        busy * 100, kRemedy));
  }
  if (const auto attempts = count(sums, Figure::failed_no_descriptors); attempts > 0) {
    warnings.push_back(fmt::format(
        "{} attempts failed for want of file descriptors; raise the limit (ulimit -n) or use more "
        "processes (--shard I/N)",
        attempts));
  }
  if (const auto attempts = count(sums, Figure::failed_no_source_ports); attempts > 0) {
    warnings.push_back(fmt::format(
        "{} attempts found no free port or no such source address; give more --source-addresses",
        attempts));
  }
  if (const auto messages = count(sums, Figure::messages_mismatched); messages > 0) {
    warnings.push_back(fmt::format("{} replies were altered or out of order", messages));
  }
  for (const std::string& sentence : report.figures.imbalances()) {
    warnings.push_back(fmt::format("the accounting does not balance: {}", sentence));
  }
  return warnings;
}

/// NaN and infinity have no JSON; the latter are listed by name.
nlohmann::json number_or_null(double value) {
  return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json();
}

}  // namespace

void judge(LoadReport& report, const std::vector<Threshold>& thresholds) {
  report.scores = load_scores(report.figures);
  report.thresholds = evaluate(thresholds, report.scores);
  report.warnings = warnings_of(report);
}

nlohmann::json report_to_json(const LoadReport& report) {
  nlohmann::json json = figures_to_json(report.figures);
  json["format"] = kFormat;
  json["targets"] = report.targets;
  json["scenario"] = report.scenario;
  json["seed"] = report.seed;
  json["shard"] = report.shard;
  json["started"] = report.started;
  json["duration_s"] = report.duration_s;
  json["stopped"] = report.stopped;
  json["scores"] = nlohmann::json::object();
  json["infinite_scores"] = nlohmann::json::array();
  for (const LoadScore& each : report.scores) {
    json["scores"][each.name] = number_or_null(each.value);
    if (std::isinf(each.value)) json["infinite_scores"].push_back(each.name);
  }
  json["thresholds"] = nlohmann::json::array();
  for (const ThresholdResult& threshold : report.thresholds) {
    nlohmann::json entry = {{"condition", threshold.text},
                            {"value", number_or_null(threshold.value)},
                            {"met", threshold.met}};
    if (std::isinf(threshold.value)) entry["infinite"] = true;
    json["thresholds"].push_back(std::move(entry));
  }
  json["balanced"] = report.figures.imbalances().empty();
  json["warnings"] = report.warnings;
  return json;
}

Result<LoadReport> report_from_json(const nlohmann::json& json) {
  if (!json.is_object() || json.value("format", nlohmann::json()) != kFormat) {
    return fail(fmt::format("it is no output of wsfleet-loadgen of format {}", kFormat));
  }
  auto figures = figures_from_json(json);
  if (!figures) return tl::unexpected(figures.error());
  LoadReport report;
  report.figures = std::move(*figures);
  try {
    report.targets = json.at("targets").get<std::vector<std::string>>();
    report.scenario = json.at("scenario").get<std::string>();
    report.seed = json.at("seed").get<std::uint64_t>();
    report.shard = json.at("shard").get<std::string>();
    report.started = json.at("started").get<std::string>();
    report.duration_s = json.at("duration_s").get<double>();
    report.stopped = json.at("stopped").get<bool>();
  } catch (const std::exception& error) {  // a key is missing or mistyped
    return fail(error.what());
  }
  return report;
}

Result<void> merge_report(LoadReport& report, const LoadReport& other) {
  if (report.scenario != other.scenario || report.seed != other.seed) {
    return fail(fmt::format("it is of another run: scenario '{}', seed {}, not '{}', {}",
                            other.scenario, other.seed, report.scenario, report.seed));
  }
  for (const std::string& target : other.targets) {
    if (std::find(report.targets.begin(), report.targets.end(), target) == report.targets.end()) {
      report.targets.push_back(target);
    }
  }
  report.shard += "+" + other.shard;
  report.started = std::min(report.started, other.started);
  report.duration_s = std::max(report.duration_s, other.duration_s);
  report.stopped = report.stopped || other.stopped;
  report.figures.merge(other.figures);
  return {};
}

}  // namespace wsfleet
