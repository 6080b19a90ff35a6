// SPDX-License-Identifier: Apache-2.0
#pragma once
// What Prometheus knew of an experiment's pods, put into the seconds of its record. Pure.

#include <vector>

#include "cluster/kubernetes/experiment/watch/fleet_log.h"
#include "cluster/live/fleet_second.h"
#include "cluster/prometheus/fleet_history.h"

namespace wsfleet {

/// Sockets, balance, CPU, refusals, and the sockets that a pod had left when scaling ended it.
/// Of seconds beyond the history these are not known.
void add_history(const FleetHistory& history, const std::vector<FleetLog::ScaledDown>& scaled_down,
                 std::vector<FleetSecond>& seconds);

}  // namespace wsfleet
