// SPDX-License-Identifier: Apache-2.0
#pragma once
// The simulated world: a Kubernetes cluster, an ingress, Prometheus and the clients, on SimGrid.
// One call per process, ever (SimGrid allows one engine per process): whoever wants several runs
// forks before. See docs/architecture.md for what is modelled and how.

#include "cluster/run_description.h"
#include "core/seam/seam.h"

namespace wsfleet {

/// Builds the world, runs `body` as the experiment's own task from t = 0 on and returns once the
/// duration has passed and body has returned (or the user asked to stop: ErrorKind::stopped, with
/// everything up to then recorded). Rows, pod events, histograms and figures go to `recorder`.
Result<void> simulate(const RunDescription& settings, Recorder& recorder, const WorldBody& body);

}  // namespace wsfleet
