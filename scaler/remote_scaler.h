// SPDX-License-Identifier: Apache-2.0
#pragma once
// The control loop's summary where the loop runs elsewhere: what a remote scaler tells goes on to
// the recorder and is counted on its way. On the caller's thread.

#include "core/result.h"
#include "core/seam/seam.h"
#include "scaler/control_loop.h"

namespace wsfleet {

/// Returns when the run is over. Only what was told is counted: ticks are those with a decision.
Result<ControlLoopSummary> follow_remote_scaler(RemoteScaler& scaler, Recorder& recorder);

}  // namespace wsfleet
