// SPDX-License-Identifier: Apache-2.0
#include "cluster/room_traffic.h"

#include <algorithm>
#include <cmath>

namespace wsfleet {
namespace {

// The share of all rooms that so many sessions have a member in, on average.
double rooms_taken(double rooms, double sessions) {
  if (sessions <= 0) return 0;
  return rooms <= 1 ? 1.0 : -std::expm1(sessions * std::log1p(-1 / rooms));
}

}  // namespace

RoomTraffic room_traffic(const WorkloadSettings& workload, const ServerSettings& server,
                         const RoomPlace& place) {
  RoomTraffic traffic;
  const double rate = workload.messages_per_second;
  const auto rooms = static_cast<double>(workload.rooms);
  if (server.mode != MessageMode::broadcast || rooms < 1 || rate <= 0 || place.own <= 0) {
    return traffic;
  }
  const double heard = place.is_linked ? std::max(place.linked, place.own) : place.own;
  traffic.deliveries = rate * place.own * std::max(0.0, heard - 1) / rooms;
  traffic.missed = rate * place.own * std::max(0.0, place.all - heard) / rooms;
  if (!place.is_linked) return traffic;
  traffic.published = rate * place.own;
  traffic.received = rate * (heard - place.own) * rooms_taken(rooms, place.own);
  return traffic;
}

double room_cores(const CostProfile& costs, const RoomTraffic& traffic) {
  return traffic.deliveries * to_seconds(costs.delivery_cpu) +
         (traffic.published + traffic.received) * to_seconds(costs.fanout_cpu);
}

}  // namespace wsfleet
