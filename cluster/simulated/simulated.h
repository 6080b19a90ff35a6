// SPDX-License-Identifier: Apache-2.0
#pragma once
// The simulated world: a Kubernetes cluster, an ingress, Prometheus and the clients, on SimGrid.
// One call per process, ever (SimGrid allows one engine per process): whoever wants several runs
// forks before. See docs/architecture.md for what is modelled and how.

#include <functional>

#include "cluster/settings.h"
#include "core/demand.h"
#include "core/seam.h"
#include "loadgen/workload.h"
#include "server/settings.h"

namespace wsfleet {

struct SimulationSettings {
  std::uint64_t seed = 1;
  TimeNs duration = kHour;
  TimeNs warmup = 0;
  bool start_steady = false;  // start = "steady"
  int initial_replicas = 1;
  WorkloadSettings workload;
  ServerSettings server;
  ClusterSettings cluster;
  MetricsSettings metrics;
  Objective objective;
};

/// Builds the world, runs `body` as the experiment's own task from t = 0 on and returns once the
/// duration has passed and body has returned (or the user asked to stop: ErrorKind::stopped, with
/// everything up to then recorded). Rows, pod events, histograms and figures go to `recorder`.
Result<void> simulate(const SimulationSettings& settings, Recorder& recorder,
                      const std::function<void(World&)>& body);

}  // namespace wsfleet
