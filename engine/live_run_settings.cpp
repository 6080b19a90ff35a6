// SPDX-License-Identifier: Apache-2.0
#include "engine/live_run_settings.h"

#include <fmt/format.h>

#include <filesystem>

namespace wsfleet {

LiveSettings live_settings(const PlannedRun& run, const std::string& logs) {
  const Scenario& scenario = *run.scenario;
  LiveSettings settings;
  settings.seed = run.seed;
  settings.duration = scenario.duration;
  settings.warmup = scenario.warmup;
  settings.start_steady = scenario.start_steady;
  settings.initial_replicas = scenario.scaler.initial();
  settings.workload = scenario.workload;
  settings.server = scenario.server;
  settings.cluster = scenario.cluster;
  settings.metrics = scenario.metrics;
  settings.objective = scenario.objective;
  settings.scenario_text = scenario.document.text();
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

Result<void> check_policy_is_live(const PlannedRun& run) {
  if (!run.policy.entry->simulation_only) return {};
  return fail(ErrorKind::usage,
              fmt::format("the policy '{}' knows the future: it runs in simulation only",
                          run.policy.label));
}

}  // namespace wsfleet
