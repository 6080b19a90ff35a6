// SPDX-License-Identifier: Apache-2.0
#include "engine/experiment/run.h"

#include <algorithm>

#include "scaler/policy_setup.h"
#include "scaler/remote_scaler.h"

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

Result<ControlLoopSummary> run(const Scenario& scenario, const PolicyEntry& entry, Policy& policy,
                               World& world) {
  if (!scenario.faults.empty()) {
    world.tasks.spawn("faults", [&scenario, &world] {
      strike_faults(scenario.faults, world.clock, world.faults, world.recorder);
    });
  }
  if (world.remote_scaler != nullptr) {
    return follow_remote_scaler(*world.remote_scaler, world.recorder);
  }
  return run_control_loop(policy, control_loop_settings(scenario.scaler, entry, scenario.duration),
                          world.clock, world.cluster, world.metrics, world.recorder);
}

}  // namespace wsfleet
