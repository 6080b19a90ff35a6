// SPDX-License-Identifier: Apache-2.0
#pragma once
// One run of a scenario as every world is told: what happens, to what, how long, with which seed.
// Backends add what only they need. Plain values.

#include <cstdint>

#include "cluster/settings.h"
#include "core/seam/demand.h"
#include "core/time.h"
#include "loadgen/workload.h"
#include "server/settings.h"

namespace wsfleet {

struct RunDescription {
  std::uint64_t seed = 1;
  TimeNs duration = kHour;  // whole seconds
  TimeNs warmup = 0;
  bool start_steady = false;  // start = "steady"
  int initial_replicas = 1;
  WorkloadSettings workload;
  ServerSettings server;
  ClusterSettings cluster;
  MetricsSettings metrics;
  Objective objective;
};

}  // namespace wsfleet
