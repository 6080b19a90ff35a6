// SPDX-License-Identifier: Apache-2.0
#pragma once
// One experiment in a given world: the scenario's faults strike at their times while the control
// loop lets the policy decide, or a scaler elsewhere does and is followed. The same straight-line
// code for every backend; it knows none of them.

#include <vector>

#include "core/result.h"
#include "core/seam/fault.h"
#include "core/seam/seam.h"
#include "engine/scenario/scenario.h"
#include "scaler/control_loop.h"
#include "scaler/policies/policies.h"

namespace wsfleet {

/// Each fault at its time; one that can't be injected is an event of the run, not its end. Returns
/// after the last one, or when the clock says that the run is over.
void strike_faults(std::vector<Fault> faults, Clock& clock, Faults& world, Recorder& recorder);

/// Called as the world's first task at t = 0; returns when the run is over. `policy` is not asked
/// where the world has a scaler of its own. What the world measured
/// is with its recorder, finish_run() makes the summary of it.
Result<ControlLoopSummary> run(const Scenario& scenario, const PolicyEntry& entry, Policy& policy,
                               World& world);

}  // namespace wsfleet
