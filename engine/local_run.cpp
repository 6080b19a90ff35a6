// SPDX-License-Identifier: Apache-2.0
#include "engine/local_run.h"

#include <optional>

#include "core/stopwatch.h"
#include "engine/live_run_settings.h"
#include "engine/run.h"
#include "engine/run_context.h"

namespace wsfleet {
Result<RunSummary> local_run(const PlannedRun& run, RunRecorder& recorder,
                             const LiveProgress& progress) {
  const Stopwatch stopwatch;
  const Scenario& scenario = *run.scenario;
  if (auto usable = check_policy_is_live(run); !usable) return tl::unexpected(usable.error());
  auto logs = recorder.make_directory("logs");
  if (!logs) return tl::unexpected(logs.error());
  TomlDocument document = scenario.document;
  const std::unique_ptr<Policy> policy =
      make_policy(*run.policy.entry, document, policy_context(scenario, nullptr));

  std::optional<Result<ControlLoopSummary>> loop;
  const Result<void> done = run_on_this_machine(
      live_settings(run, *logs), recorder,
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
