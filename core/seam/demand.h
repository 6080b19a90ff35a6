// SPDX-License-Identifier: Apache-2.0
#pragma once
// Demand d(t): the fewest pods that meet the service objective, as if nothing were ever refused.
// One formula for the scores, the series and the oracle. Pure.

#include "core/time.h"

namespace wsfleet {

/// `[objective]`, with what it takes from other sections to turn load into pods.
struct Objective {
  int connections_per_pod = 800;
  TimeNs time_to_connect = kSecond;
  TimeNs message_latency = 100 * kMillisecond;
  int min_replicas = 1;
  double cores_per_pod = 1.0;  // the pod's CPU limit
};

/// max(min_replicas, ceil(offered_sessions / connections_per_pod), ceil(cpu_cores /
/// cores_per_pod)).
int demand(const Objective& objective, double offered_sessions, double cpu_cores);

}  // namespace wsfleet
