// SPDX-License-Identifier: Apache-2.0
#include "engine/simulated_run.h"

#include <optional>

#include "core/stopwatch.h"
#include "engine/forecast.h"
#include "engine/run.h"
#include "engine/run_context.h"

namespace wsfleet {
namespace {

/// Hands everything on and tells how far the run is.
class ProgressRecorder : public Recorder {
 public:
  ProgressRecorder(Recorder& next, const RunProgress& progress)
      : next_(next), progress_(progress) {}

  void second(const SecondRow& row) override {
    next_.second(row);
    if (progress_) progress_((row.time_s + 1) * kSecond);
  }
  void event(const FleetEvent& event) override { next_.event(event); }
  void decision(const Observation& observation, const Decision& decision) override {
    next_.decision(observation, decision);
  }
  void clients(const ClientHistograms& histograms) override { next_.clients(histograms); }
  void figures(const RunFigures& figures) override { next_.figures(figures); }

 private:
  Recorder& next_;
  const RunProgress& progress_;
};

}  // namespace

SimulationSettings simulation_settings(const PlannedRun& run) {
  const Scenario& scenario = *run.scenario;
  return {.seed = run.seed,
          .duration = scenario.duration,
          .warmup = scenario.warmup,
          .start_steady = scenario.start_steady,
          .initial_replicas = scenario.scaler.initial(),
          .workload = scenario.workload,
          .server = scenario.server,
          .cluster = scenario.cluster,
          .metrics = scenario.metrics,
          .objective = scenario.objective};
}

Result<RunSummary> simulated_run(const PlannedRun& run, RunRecorder& recorder,
                                 const RunProgress& progress) {
  const Stopwatch stopwatch;
  const Scenario& scenario = *run.scenario;
  Forecast future;
  if (run.policy.entry->simulation_only) future = forecast(scenario, run.seed);
  TomlDocument document = scenario.document;
  const std::unique_ptr<Policy> policy =
      make_policy(*run.policy.entry, document, policy_context(scenario, &future.demand));

  ProgressRecorder watched(recorder, progress);
  std::optional<Result<ControlLoopSummary>> loop;
  const Result<void> simulated = simulate(simulation_settings(run), watched, [&](World& world) {
    loop = wsfleet::run(scenario, *run.policy.entry, *policy, world);
  });
  const bool stopped = !simulated && simulated.error().kind == ErrorKind::stopped;
  if (!simulated && !stopped) return tl::unexpected(simulated.error());
  if (loop && !*loop) return tl::unexpected(loop->error());

  RunContext context = run_context(run, "simulated");
  context.stopped = stopped;
  context.wall_s = stopwatch.elapsed_s();
  if (loop) context.notices = (*loop)->notices;
  return finish_run(recorder, context);
}

}  // namespace wsfleet
