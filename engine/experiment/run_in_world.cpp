// SPDX-License-Identifier: Apache-2.0
#include "engine/experiment/run_in_world.h"

#include <fmt/format.h>

#include <optional>

#include "core/stopwatch.h"
#include "engine/experiment/run.h"
#include "engine/experiment/run_context.h"
#include "engine/scenario/forecast.h"

namespace wsfleet {

Result<RunSummary> run_in_world(const PlannedRun& run, const std::string& backend,
                                RunRecorder& recorder, const StartWorld& start) {
  const Stopwatch stopwatch;
  const Scenario& scenario = *run.scenario;
  const PolicyEntry& entry = *run.policy.entry;
  Forecast future;
  if (entry.simulation_only) {
    if (backend != "simulated") {
      return fail(ErrorKind::usage,
                  fmt::format("the policy '{}' knows the future: it runs in simulation only",
                              run.policy.label));
    }
    future = forecast(scenario, run.seed);
  }
  TomlDocument document = scenario.document;
  const std::unique_ptr<Policy> policy =
      make_policy(entry, document, policy_context(scenario, &future.demand));

  std::optional<Result<ControlLoopSummary>> loop;
  const Result<void> done =
      start([&](World& world) { loop = wsfleet::run(scenario, entry, *policy, world); });
  const bool stopped = !done && done.error().kind == ErrorKind::stopped;
  if (!done && !(stopped && loop)) return tl::unexpected(done.error());
  if (loop && !*loop) return tl::unexpected(loop->error());

  RunContext context = run_context(run, backend);
  context.stopped = stopped;
  context.wall_s = stopwatch.elapsed_s();
  if (loop) context.notices = (*loop)->notices;
  return finish_run(recorder, context);
}

}  // namespace wsfleet
