// SPDX-License-Identifier: Apache-2.0
#include "engine/local_run.h"

#include <fmt/format.h>

#include <filesystem>
#include <optional>

#include "core/stopwatch.h"
#include "engine/run.h"
#include "engine/run_context.h"

namespace wsfleet {
namespace {

LocalSettings local_settings(const PlannedRun& run, const std::string& logs) {
  const Scenario& scenario = *run.scenario;
  LocalSettings settings;
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

}  // namespace

Result<RunSummary> local_run(const PlannedRun& run, RunRecorder& recorder,
                             const LocalProgress& progress) {
  const Stopwatch stopwatch;
  const Scenario& scenario = *run.scenario;
  if (run.policy.entry->simulation_only) {
    return fail(ErrorKind::usage,
                fmt::format("the policy '{}' knows the future: it runs in simulation only",
                            run.policy.label));
  }
  auto logs = recorder.make_directory("logs");
  if (!logs) return tl::unexpected(logs.error());
  TomlDocument document = scenario.document;
  const std::unique_ptr<Policy> policy =
      make_policy(*run.policy.entry, document, policy_context(scenario, nullptr));

  std::optional<Result<ControlLoopSummary>> loop;
  const Result<void> done = run_on_this_machine(
      local_settings(run, *logs), recorder,
      [&](World& world) { loop = wsfleet::run(scenario, *run.policy.entry, *policy, world); },
      progress);
  const bool stopped = !done && done.error().kind == ErrorKind::stopped;
  if (!done && !(stopped && loop)) return tl::unexpected(done.error());
  if (loop && !*loop) return tl::unexpected(loop->error());

  RunContext context = run_context(run, "local");
  context.stopped = stopped;
  context.wall_s = stopwatch.elapsed_s();
  if (loop) context.notices = (*loop)->notices;
  return finish_run(recorder, context);
}

}  // namespace wsfleet
