// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a live backend sees of its fleet, second by second. Plain values.

#include <cstdint>

namespace wsfleet {

/// What the harness sees of the second that has just ended; the clients' part comes from the load
/// generators.
struct FleetSecond {
  int spec_replicas = 0;
  int ready_replicas = 0;
  int supply = 0;
  double pod_seconds = 0;
  double cpu_cores = 0;
  double jain_index = 1;
  std::int64_t connections = 0;
  std::int64_t refused = 0;
  std::int64_t refused_draining = 0;
  std::int64_t closed_by_shed = 0;
  std::int64_t cut_by_grace = 0;  // sockets open when a terminating pod's process ended
};

}  // namespace wsfleet
