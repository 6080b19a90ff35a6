// SPDX-License-Identifier: Apache-2.0
#include "engine/run.h"

#include <algorithm>

namespace wsfleet {
void strike_faults(std::vector<Fault> faults, Clock& clock, Faults& world, Recorder& recorder) {
  std::stable_sort(faults.begin(), faults.end(),
                   [](const Fault& a, const Fault& b) { return a.at < b.at; });
  for (const Fault& fault : faults) {
    if (!clock.sleep_until(fault.at)) return;
    if (const Result<void> injected = world.inject(fault); !injected) {
      recorder.event({.time = clock.now(),
                      .kind = "fault_failed",
                      .pod = {},
                      .uid = {},
                      .node = {},
                      .detail = injected.error().message});
    }
  }
}

ControlLoopSettings control_loop_settings(const Scenario& scenario, const PolicyEntry& entry) {
  return {
      .interval = scenario.scaler.interval > 0 ? scenario.scaler.interval : entry.default_interval,
      .min_replicas = scenario.scaler.min_replicas,
      .max_replicas = scenario.scaler.max_replicas,
      .end = scenario.duration,
      .hold = {.on_doubt = scenario.scaler.run_by == RunBy::wsfleet_scaler}};
}

Result<ControlLoopSummary> run(const Scenario& scenario, const PolicyEntry& entry, Policy& policy,
                               World& world) {
  if (!scenario.faults.empty()) {
    world.tasks.spawn("faults", [&scenario, &world] {
      strike_faults(scenario.faults, world.clock, world.faults, world.recorder);
    });
  }
  return run_control_loop(policy, control_loop_settings(scenario, entry), world.clock,
                          world.cluster, world.metrics, world.recorder);
}

}  // namespace wsfleet
