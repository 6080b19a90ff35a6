// SPDX-License-Identifier: Apache-2.0
#pragma once
// One planned run on the simulated cluster, end to end. Once per process (SimGrid allows one
// engine): whoever wants several forks before, see parallel_runs.h.

#include <functional>

#include "cluster/simulated/simulated.h"
#include "engine/plan.h"
#include "results/finish_run.h"

namespace wsfleet {

/// Called with the simulated time after every recorded second.
using RunProgress = std::function<void(TimeNs)>;

/// A run that the user stopped is a summary with `stopped` set, of what was recorded until then.
/// The recorder is finished: its directory, if it has one, is in its place. `progress` may be
/// empty.
Result<RunSummary> simulated_run(const PlannedRun& run, RunRecorder& recorder,
                                 const RunProgress& progress);

SimulationSettings simulation_settings(const PlannedRun& run);

}  // namespace wsfleet
