// SPDX-License-Identifier: Apache-2.0
#include "results/objective/objective_section.h"

#include <algorithm>

namespace wsfleet {

Objective read_objective(TomlTable table, const ObjectiveContext& context) {
  Objective objective;
  objective.min_replicas = context.min_replicas;
  objective.cores_per_pod = context.cores_per_pod;
  // Room for what arrives while new pods start.
  const std::int64_t fallback = std::max<std::int64_t>(1, context.max_connections * 4 / 5);
  objective.connections_per_pod = static_cast<int>(
      table.integer("connections_per_pod", fallback, {.min = 1, .max = 100'000'000}));
  objective.time_to_connect = table.duration("time_to_connect", objective.time_to_connect,
                                             {.min = 0, .exclusive_min = true});
  objective.message_latency = table.duration("message_latency", objective.message_latency,
                                             {.min = 0, .exclusive_min = true});
  table.finish();
  return objective;
}

}  // namespace wsfleet
