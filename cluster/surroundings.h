// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a live run met, in the model's settings: so that its simulation has the network and the pod
// starts that were there, and differs in the rules alone. Pure.

#include "cluster/settings.h"
#include "core/seam/run_record.h"
#include "server/settings.h"

namespace wsfleet {

/// `cluster` with what is known of `met` instead of the scenario's `network.client_latency`,
/// `pod.start`, `pod.image_bytes` and `readiness.initial_delay`, and
/// `control_plane.endpoint_propagation`.
ClusterSettings in_surroundings(ClusterSettings cluster, const ServerSettings& server,
                                const Surroundings& met);

}  // namespace wsfleet
