// SPDX-License-Identifier: Apache-2.0
#pragma once
// One planned run on the simulated cluster, end to end. Once per process (SimGrid allows one
// engine): whoever wants several forks before, see parallel_runs.h.

#include <functional>

#include "core/time.h"
#include "engine/experiment/plan.h"
#include "results/summary/finish_run.h"

namespace wsfleet {

/// Called with the simulated time after every recorded second.
using RunProgress = std::function<void(TimeNs)>;

/// As run_in_world(). `progress` may be empty.
Result<RunSummary> simulated_run(const PlannedRun& run, RunRecorder& recorder,
                                 const RunProgress& progress);

}  // namespace wsfleet
