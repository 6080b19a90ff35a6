// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a live backend knows of a second of its fleet; the clients' part comes from the load
// generators. What it can't know stays nothing. Plain values.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cluster/second_meter.h"

namespace wsfleet {

struct FleetSecond {
  int spec_replicas = 0;
  PodLevels levels;
  /// The uids of those in supply, where their sockets become known later.
  std::shared_ptr<const std::vector<std::string>> supply;
  double pod_seconds = 0;
  std::optional<double> cpu_cores;
  std::optional<std::int64_t> refused_draining;
  std::optional<std::int64_t> closed_by_shed;
  std::optional<std::int64_t> cut_by_grace;  // open when a terminating pod's process ended

  // As the servers said last, for the status line.
  std::int64_t connections = 0;
  std::int64_t refused = 0;

  /// For a fleet that counts these itself, from 0 on.
  static FleetSecond of_counters() {
    FleetSecond second;
    second.cpu_cores = 0;
    second.refused_draining = second.closed_by_shed = second.cut_by_grace = 0;
    return second;
  }
};

}  // namespace wsfleet
