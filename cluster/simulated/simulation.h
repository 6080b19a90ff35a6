// SPDX-License-Identifier: Apache-2.0
#pragma once
// A simulation on any executor: simulate() gives it SimGrid's, the equivalence test a naive one.

#include "cluster/simulated/control/executor.h"
#include "cluster/simulated/control/resources.h"
#include "cluster/simulated/simulated.h"

namespace wsfleet {

/// As simulate(); the caller provides the executor and the machine room.
Result<void> run_simulation(const RunDescription& settings, Executor& executor, CpuShares& shares,
                            ImagePulls& pulls, Recorder& recorder, const WorldBody& body);

}  // namespace wsfleet
