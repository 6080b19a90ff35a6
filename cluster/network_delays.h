// SPDX-License-Identifier: Apache-2.0
#pragma once
// How long an attempt is under way on the network, out and back, beside the server's own work.
// Pure.

#include "cluster/settings.h"

namespace wsfleet {

/// One way to the ingress and on to the pod: TCP with the ingress, the request, TCP with the pod,
/// the request again; a TLS 1.3 handshake is one more round trip to the ingress.
inline TimeNs reach_delay(const ClusterSettings& cluster, bool tls) {
  const int client_ways = tls ? 5 : 3;
  const int cluster_ways = cluster.ingress == IngressKind::nginx ? 3 : 0;
  return client_ways * cluster.network.client_latency +
         cluster_ways * cluster.network.cluster_latency;
}

/// From the pod's answer to the client's knowing.
inline TimeNs reply_delay(const ClusterSettings& cluster) {
  const bool proxied = cluster.ingress == IngressKind::nginx;
  return cluster.network.client_latency + (proxied ? cluster.network.cluster_latency : 0);
}

}  // namespace wsfleet
