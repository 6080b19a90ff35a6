// SPDX-License-Identifier: Apache-2.0
#pragma once
// One planned run on the processes of this machine, end to end. It takes as long as the scenario
// lasts.

#include "cluster/local/local.h"
#include "engine/plan.h"
#include "results/finish_run.h"

namespace wsfleet {

/// As simulated_run(); logs of pods, services and clients come to logs/ in the run's directory.
Result<RunSummary> local_run(const PlannedRun& run, RunRecorder& recorder,
                             const LiveProgress& progress);

}  // namespace wsfleet
