// SPDX-License-Identifier: Apache-2.0
#pragma once
// A small deterministic fleet to bend to a test's need, and a run of it in a child process.

#include <functional>
#include <string>

#include "cluster/simulated/simulated.h"
#include "cluster/simulated/testing/counting_recorder.h"
#include "cluster/simulated/testing/in_child.h"

namespace wsfleet {

/// Two pods of 100 sockets, one session a second of fixed 100 s, no network, no jitter.
inline RunDescription small_fleet() {
  RunDescription settings;
  settings.duration = 10 * kMinute;
  settings.initial_replicas = 2;
  settings.workload.arrivals.rate = 1.0;
  settings.workload.length.distribution = LengthDistribution::fixed;
  settings.workload.length.mean = 100 * kSecond;
  settings.server.max_connections = 100;
  settings.cluster.balancer = BalancerKind::least_connections;
  settings.cluster.pod.image_bytes = 0;
  settings.cluster.nodes.count = 4;
  settings.cluster.network.client_latency = 0;
  settings.cluster.network.cluster_latency = 0;
  settings.objective.connections_per_pod = 80;
  return settings;
}

/// Runs in a child and returns what `report` makes of it there.
inline std::string simulated(const RunDescription& settings,
                             const std::function<void(World&)>& body,
                             const std::function<std::string(const CountingRecorder&)>& report) {
  return in_child([&]() -> std::string {
    CountingRecorder recorder;
    const Result<void> result = simulate(settings, recorder, body);
    return result ? report(recorder) : "error: " + result.error().message;
  });
}

inline void do_nothing(World&) {}

}  // namespace wsfleet
