// SPDX-License-Identifier: Apache-2.0
#pragma once
// The `[cluster]` and `[metrics]` sections as values. Read by cluster_section.h.

#include <cstdint>
#include <string>

#include "core/time.h"

namespace wsfleet {

enum class ControllerKind { statefulset, deployment };
enum class PodManagement { ordered_ready, parallel };
enum class BalancerKind {
  round_robin,
  least_connections,
  power_of_two,
  ewma,
  client_ip,
  random,
  consistent_hash
};
enum class IngressKind { nginx, none };

struct NodeSettings {
  int count = 10;
  double cores = 4;
  std::int64_t memory_bytes = std::int64_t{16} << 30;
};

struct PodSettings {
  double cpu_request = 0.25;  // cores: the scheduler's booking and the weight under contention
  double cpu_limit = 1.0;     // cores: the bound
  std::int64_t memory_request_bytes = 0;                      // 0: as the limit
  std::int64_t memory_limit_bytes = std::int64_t{256} << 20;  // 0: no limit, no OOM kills
  std::int64_t image_bytes = std::int64_t{60} << 20;
  TimeNs start = 2 * kSecond;  // from container creation until the server listens
};

/// A readiness probe, as in a pod's spec.
struct ProbeSettings {
  TimeNs initial_delay = 5 * kSecond;
  TimeNs period = 10 * kSecond;
  TimeNs timeout = kSecond;
  int success_threshold = 1;
  int failure_threshold = 3;
};

struct NetworkSettings {
  TimeNs client_latency = 20 * kMillisecond;    // one way, client to ingress
  TimeNs cluster_latency = 200 * kMicrosecond;  // one way, between hosts of the cluster
  double registry_bytes_per_second = 125e6;     // the uplink that all image pulls share
  double node_bytes_per_second = 125e6;
};

/// Delays of the control plane.
struct ControlPlaneSettings {
  TimeNs api_latency = 5 * kMillisecond;             // per request
  double api_error_rate = 0;                         // 0..1: answered with 500
  double api_conflict_rate = 0;                      // 0..1: of writes, answered with 409
  TimeNs scheduling = 20 * kMillisecond;             // from pending to bound
  TimeNs endpoint_propagation = 500 * kMillisecond;  // from a change to the ingress using it
  TimeNs node_eviction = 300 * kSecond;              // until pods of a dead node are given up
  TimeNs restart_backoff = 10 * kSecond;             // second crash; doubles up to 5 min
};

struct MetricsSettings {
  TimeNs scrape_interval = 15 * kSecond;
  TimeNs scrape_timeout = 10 * kSecond;
  TimeNs query_latency = 5 * kMillisecond;
};

struct ClusterSettings {
  ControllerKind controller = ControllerKind::statefulset;
  PodManagement pod_management = PodManagement::ordered_ready;
  NodeSettings nodes;
  PodSettings pod;
  ProbeSettings readiness;
  BalancerKind balancer = BalancerKind::ewma;
  TimeNs affinity_timeout = 3 * kHour;  // client_ip: as a Service's sessionAffinityConfig
  IngressKind ingress = IngressKind::nginx;
  NetworkSettings network;
  ControlPlaneSettings control_plane;
};

}  // namespace wsfleet
