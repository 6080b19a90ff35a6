// SPDX-License-Identifier: Apache-2.0
#include "engine/kubernetes_run.h"

#include <fmt/format.h>

#include "core/stopwatch.h"
#include "engine/live_run_settings.h"
#include "engine/run.h"
#include "engine/run_context.h"

namespace wsfleet {
namespace {

/// The scenario as the cluster's scaler reads it: with the policy that this run was told to use.
std::string scenario_for_scaler(const PlannedRun& run) {
  TomlDocument document = TomlDocument::parse(run.scenario->document.text(), "scenario");
  document.set(fmt::format("scaler.policy=\"{}\"", run.policy.entry->name));
  return document.text();
}

}  // namespace

Result<RunSummary> kubernetes_run(const PlannedRun& run, const ExperimentTarget& target,
                                  RunRecorder& recorder, const LiveProgress& progress) {
  const Stopwatch stopwatch;
  const Scenario& scenario = *run.scenario;
  if (auto usable = check_policy_is_live(run); !usable) return tl::unexpected(usable.error());
  auto logs = recorder.make_directory("logs");
  if (!logs) return tl::unexpected(logs.error());
  LiveSettings settings = live_settings(run, *logs);
  settings.scaler_scenario = scenario_for_scaler(run);
  const Result<void> done = run_on_kubernetes(
      settings, target, recorder,
      [&scenario](Clock& clock, Tasks&, Faults& faults, Recorder& to) {
        strike_faults(scenario.faults, clock, faults, to);
      },
      progress);
  const bool stopped = !done && done.error().kind == ErrorKind::stopped;
  const bool recorded = !recorder.rows().empty();
  if (!done && !(stopped && recorded)) return tl::unexpected(done.error());

  RunContext context = run_context(run, "kubernetes");
  context.stopped = stopped;
  context.wall_s = stopwatch.elapsed_s();
  return finish_run(recorder, context);
}

}  // namespace wsfleet
