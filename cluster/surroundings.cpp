// SPDX-License-Identifier: Apache-2.0
#include "cluster/surroundings.h"

#include <algorithm>
#include <cmath>

#include "cluster/network_delays.h"
#include "server/rules.h"

namespace wsfleet {
namespace {

// An attempt is under way on the client's network several times: what is left of it when the rest
// is taken off, divided by how often.
TimeNs client_latency(ClusterSettings cluster, const ServerSettings& server, TimeNs attempt) {
  const auto takes = [&](TimeNs latency) {
    cluster.network.client_latency = latency;
    return reach_delay(cluster, server.tls) + handshake_work(server) + reply_delay(cluster);
  };
  return std::max<TimeNs>(0, attempt - takes(0)) / (takes(1) - takes(0));
}

// Pulled, started and probed for the first time: all of it is in the measured time. The server
// listens just before the probe that finds it ready.
void set_pod_ready(ClusterSettings& cluster, TimeNs after_creation) {
  const TimeNs delay = std::max(kMicrosecond, after_creation - cluster.control_plane.scheduling);
  cluster.readiness.initial_delay = delay;
  cluster.pod.start = std::min(cluster.pod.start, delay - kMicrosecond);
  cluster.pod.image_bytes = 0;
}

}  // namespace

ClusterSettings in_surroundings(ClusterSettings cluster, const ServerSettings& server,
                                const Surroundings& met) {
  if (!std::isnan(met.attempt_time_p50_s) && !std::isinf(met.attempt_time_p50_s)) {
    cluster.network.client_latency =
        client_latency(cluster, server, from_seconds(met.attempt_time_p50_s));
  }
  if (!std::isnan(met.pod_ready_p50_s)) {
    set_pod_ready(cluster, from_seconds(met.pod_ready_p50_s));
  }
  if (!std::isnan(met.endpoints_known_p50_s)) {
    cluster.control_plane.endpoint_propagation = from_seconds(met.endpoints_known_p50_s);
  }
  return cluster;
}

}  // namespace wsfleet
