// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "cluster/simulated/control/api.h"
#include "cluster/simulated/simulation.h"

namespace wsfleet {

Result<void> run_simulation(const RunDescription& settings, Executor& executor, CpuShares& shares,
                            ImagePulls& pulls, Recorder& recorder, const WorldBody& body) {
  ControlPlane plane(settings, executor, shares, pulls, recorder);
  SimulatedClock clock(executor, plane, settings.duration);
  SimulatedTasks tasks(executor);
  SimulatedCluster cluster(settings, plane, clock);
  SimulatedMetrics metrics(settings, plane, clock);
  SimulatedFaults faults(plane);
  World world{clock, tasks, cluster, metrics, faults, recorder};
  plane.start();
  executor.spawn("experiment", [&] { body(world); });
  executor.run();
  plane.finish();
  if (plane.stopped()) return fail(ErrorKind::stopped, "stopped by the user");
  if (!plane.ended()) {
    return fail(fmt::format(
        "the simulation came to a halt at {} of {}: a task waits for something "
        "that never comes",
        format_duration_short(executor.now()), format_duration_short(settings.duration)));
  }
  return {};
}

}  // namespace wsfleet
