// SPDX-License-Identifier: Apache-2.0
#pragma once
// The schema of `[objective]`: what a pod is meant to carry and how long users may wait. Pure.

#include <cstdint>

#include "core/seam/demand.h"
#include "core/toml/toml_reader.h"

namespace wsfleet {

/// What the objective takes from other sections.
struct ObjectiveContext {
  std::int64_t max_connections = 1000;  // [server]; connections_per_pod defaults to 0.8 of it
  int min_replicas = 1;                 // [scaler]
  double cores_per_pod = 1.0;           // [cluster] pod.cpu_limit
};

/// Reads connections_per_pod, time_to_connect and message_latency, and finishes the table.
Objective read_objective(TomlTable table, const ObjectiveContext& context);

}  // namespace wsfleet
