// SPDX-License-Identifier: Apache-2.0
#include "scaler/policy_setup.h"

namespace wsfleet {

TimeNs effective_interval(const ScalerSettings& scaler, const PolicyEntry& entry) {
  return scaler.interval > 0 ? scaler.interval : entry.default_interval;
}

PolicyContext policy_context(const ScalerSettings& scaler, std::int64_t server_max_connections,
                             int connections_per_pod) {
  return {.min_replicas = scaler.min_replicas,
          .max_replicas = scaler.max_replicas,
          .server_max_connections = server_max_connections,
          .connections_per_pod = connections_per_pod,
          .initial_replicas = scaler.initial()};
}

ControlLoopSettings control_loop_settings(const ScalerSettings& scaler, const PolicyEntry& entry,
                                          TimeNs end) {
  return {.interval = effective_interval(scaler, entry),
          .min_replicas = scaler.min_replicas,
          .max_replicas = scaler.max_replicas,
          .end = end,
          .hold = {.on_doubt = scaler.run_by == RunBy::wsfleet_scaler}};
}

}  // namespace wsfleet
