// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the rooms of a broadcasting fleet come to, as a fluid: a session's room is one of `rooms`,
// drawn evenly (loadgen/sessions.h), so any two sessions share one with the chance 1 / rooms. One
// formula for the simulated pods and for the demand. Pure.

#include "loadgen/workload.h"
#include "server/settings.h"

namespace wsfleet {

/// Where a pod's sessions stand among those of the fleet. `linked`: on pods that reach each other
/// through Redis, its own included when it does.
struct RoomPlace {
  double own = 0;
  double linked = 0;
  double all = 0;
  bool is_linked = false;
};

/// Per second, on one pod. A delivery is a message to a member of the room other than its sender.
struct RoomTraffic {
  double deliveries = 0;
  double missed = 0;     // to members here, said on pods from which nothing comes
  double published = 0;  // messages to Redis
  double received = 0;   // messages from Redis: of other pods, for rooms that have members here
};

/// All 0 where the mode is not broadcast or no session says anything.
///   deliveries: rate * own * (heard - 1) / rooms, heard = linked, or own when not linked
///   missed:     rate * own * (all - heard) / rooms
///   published:  rate * own
///   received:   rate * (linked - own) * (1 - (1 - 1 / rooms)^own)
RoomTraffic room_traffic(const WorkloadSettings& workload, const ServerSettings& server,
                         const RoomPlace& place);

/// CPU seconds per second that it takes, besides what the messages themselves do.
double room_cores(const CostProfile& costs, const RoomTraffic& traffic);

}  // namespace wsfleet
