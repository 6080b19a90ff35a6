// SPDX-License-Identifier: Apache-2.0
#include "engine/experiment/live_run.h"

#include <fmt/format.h>

#include <filesystem>

#include "cluster/local/local.h"
#include "engine/experiment/run_in_world.h"

namespace wsfleet {
namespace {

/// The scenario as the cluster's scaler reads it: with the policy that this run was told to use.
std::string scenario_for_scaler(const PlannedRun& run) {
  TomlDocument document = TomlDocument::parse(run.scenario->document.text(), "scenario");
  document.set(fmt::format("scaler.policy=\"{}\"", run.policy.entry->name));
  return document.text();
}

}  // namespace

LiveSettings live_settings(const PlannedRun& run, const std::string& logs) {
  const Scenario& scenario = *run.scenario;
  LiveSettings settings;
  static_cast<RunDescription&>(settings) = run_description(scenario, run.seed);
  settings.scenario_text = scenario.document.text();
  settings.scaler_scenario = scenario_for_scaler(run);
  settings.logs = logs;
  if (scenario.workload.arrivals.shape == ArrivalShape::trace) {
    // The load generators read a copy of the scenario elsewhere.
    TomlDocument document = scenario.document;
    const std::string file = document.root().table("workload").table("arrivals").string("file", "");
    settings.trace_file =
        std::filesystem::absolute(std::filesystem::path(scenario.path).parent_path() / file)
            .string();
  }
  return settings;
}

Result<RunSummary> local_run(const PlannedRun& run, RunRecorder& recorder,
                             const LiveProgress& progress) {
  return run_in_world(run, "local", recorder, [&](const WorldBody& body) -> Result<void> {
    const auto logs = recorder.make_directory("logs");
    if (!logs) return tl::unexpected(logs.error());
    return run_on_this_machine(live_settings(run, *logs), recorder, body, progress);
  });
}

Result<RunSummary> kubernetes_run(const PlannedRun& run, const ExperimentTarget& target,
                                  RunRecorder& recorder, const LiveProgress& progress) {
  return run_in_world(run, "kubernetes", recorder, [&](const WorldBody& body) -> Result<void> {
    const auto logs = recorder.make_directory("logs");
    if (!logs) return tl::unexpected(logs.error());
    return run_on_kubernetes(live_settings(run, *logs), target, recorder, body, progress);
  });
}

}  // namespace wsfleet
