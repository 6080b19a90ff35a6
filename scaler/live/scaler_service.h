// SPDX-License-Identifier: Apache-2.0
#pragma once
// wsfleet-scaler as a whole: reads its file, waits until it leads, runs the control loop for as
// long as it does, again after a change of the file, and ends on SIGTERM after the tick that is
// under way. The main thread does that; others look at the file (each second) and answer HTTP.

#include "scaler/live/config/scaler_options.h"
#include "scaler/live/parts.h"

namespace wsfleet {

/// Returns the exit status. Signal handlers are those of core/live/stop.h.
int run_scaler(const ScalerOptions& options, const ForeignSections& foreign,
               const ScalerParts& parts);

}  // namespace wsfleet
