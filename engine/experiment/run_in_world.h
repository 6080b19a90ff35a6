// SPDX-License-Identifier: Apache-2.0
#pragma once
// One planned run end to end, whatever its world: the policy is made, run() goes in the world that
// a backend brings up, and what was recorded becomes a summary. simulated_run.h and live_run.h say
// how each backend begins.

#include <functional>
#include <string>

#include "core/seam/seam.h"
#include "engine/experiment/plan.h"
#include "results/summary/finish_run.h"

namespace wsfleet {

/// Brings a world up, calls `body` in it at t = 0, and returns when all is over.
/// ErrorKind::stopped when the user stopped it: what was recorded until then counts.
using StartWorld = std::function<Result<void>(const WorldBody& body)>;

/// A run that the user stopped is a summary with `stopped` set, of what was recorded until then;
/// an error where it had not begun. The recorder is finished: its directory, if it has one, is in
/// its place.
Result<RunSummary> run_in_world(const PlannedRun& run, const std::string& backend,
                                RunRecorder& recorder, const StartWorld& start);

}  // namespace wsfleet
