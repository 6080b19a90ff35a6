// SPDX-License-Identifier: Apache-2.0
#include "engine/verbs/comparison_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "core/toml/toml_reader.h"
#include "engine/scenario/policy_choice.h"
#include "results/compare/recommendation.h"
#include "results/record/files.h"

namespace wsfleet {
namespace {

/// events.ndjson as far as a report needs it: when, what, how called.
Result<std::vector<FleetEvent>> read_events(const std::string& path) {
  const Result<std::string> text = read_text_file(path);
  if (!text) return tl::unexpected(text.error());
  std::vector<FleetEvent> events;
  std::istringstream lines(*text);
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    const nlohmann::json json = nlohmann::json::parse(line, nullptr, false);
    if (!json.is_object() || !json.contains("time_s") || !json["time_s"].is_number()) {
      return fail(fmt::format("{}:{}: not an event", path, number));
    }
    FleetEvent event;
    event.time = from_seconds(json["time_s"].get<double>());
    const auto text_of = [&](const char* key) {
      const auto found = json.find(key);
      const bool there = found != json.end() && found->is_string();
      return there ? found->get<std::string>() : std::string();
    };
    event.kind = text_of("kind");
    event.pod = text_of("pod");
    event.uid = text_of("uid");
    event.node = text_of("node");
    event.detail = text_of("detail");
    events.push_back(std::move(event));
  }
  return events;
}

}  // namespace

Result<ShownRun> read_shown_run(const std::string& directory) {
  Result<StoredRun> stored = read_run_directory(directory);
  if (!stored) return tl::unexpected(stored.error());
  Result<Series> series = read_series(directory + "/series.csv");
  if (!series) return tl::unexpected(series.error());
  Result<std::vector<FleetEvent>> events = read_events(directory + "/events.ndjson");
  if (!events) return tl::unexpected(events.error());
  const RunSummary& summary = stored->summary;
  return ShownRun{summary.scenario,
                  {summary.policy, summary.seed, std::move(*series), std::move(*events)},
                  std::move(stored->details)};
}

std::string report_name(const Comparison& comparison, std::size_t scenario) {
  if (comparison.scenarios.size() == 1) return "report.html";
  return fmt::format("report-{}.html", file_name_of(comparison.scenarios[scenario].scenario));
}

ReportData comparison_report(const ScenarioComparison& comparison,
                             const std::vector<ShownRun>& shown) {
  ReportContext context;
  context.recommendation = recommend(comparison).sentence;
  std::vector<ReportRun> runs;
  for (const ShownRun& run : shown) {
    if (run.scenario != comparison.scenario) continue;
    if (runs.empty()) context.details = run.details;
    runs.push_back(run.run);
  }
  context.description = description_in(context.details.scenario_text);
  return build_comparison_report(comparison, runs, context);
}

std::string description_in(std::string_view scenario_text) {
  TomlDocument document = TomlDocument::parse(scenario_text, "scenario");
  return document.root().string("description", "");
}

}  // namespace wsfleet
