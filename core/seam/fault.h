// SPDX-License-Identifier: Apache-2.0
#pragma once
// What can be made to go wrong at a given time. The `[[fault]]` tables are read by cluster/; each
// backend says which kinds it can honour.

#include <cstdint>

#include "core/time.h"

namespace wsfleet {

enum class FaultKind {
  pod_kill,           // `count` pods die at once (SIGKILL), no close frames
  node_down,          // `count` nodes lose power for `duration`
  prometheus_outage,  // metrics can't be read for `duration`
  api_outage,         // the Kubernetes API can't be reached for `duration`
  redis_outage,       // Redis can't be reached for `duration`
  slow_start,         // pods started within `duration` take `factor` times as long
  network_cut,        // `count` pods can't be reached by clients for `duration`; open sockets hang
};

struct Fault {
  TimeNs at = 0;
  FaultKind kind = FaultKind::pod_kill;
  TimeNs duration = 0;  // the key `for`
  int count = 1;
  double factor = 1.0;
  std::uint64_t index = 0;  // its place among the scenario's faults: what the draws are keyed by
};

}  // namespace wsfleet
