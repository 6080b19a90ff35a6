// SPDX-License-Identifier: Apache-2.0
#pragma once
// The live world on one machine: pods are wsfleet-server processes on 127.0.0.x, clients are
// wsfleet-loadgen processes, ingress, Prometheus and Redis are Debian's. One run at a time per
// process. What is started is gone when the run is over, also when this process is killed
// (janitor.h). docs/formats/local.md says what is where.

#include "cluster/live/live_settings.h"
#include "core/result.h"
#include "core/seam/seam.h"

namespace wsfleet {

/// Calls `body` with the world at t = 0, when the initial pods are ready, on a thread of its own.
/// ErrorKind::stopped when the user stopped it: what was recorded until then is with the recorder.
Result<void> run_on_this_machine(const LiveSettings& settings, Recorder& recorder,
                                 const WorldBody& body, const LiveProgress& progress);

}  // namespace wsfleet
