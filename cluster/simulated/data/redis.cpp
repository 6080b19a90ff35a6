// SPDX-License-Identifier: Apache-2.0
// Redis as the fleet sees it: outages, each pod's way back, and what rooms and the session store
// take of a pod's CPU. What a key is and when it goes is in session_store.cpp.
#include <fmt/format.h>

#include "cluster/room_traffic.h"
#include "cluster/simulated/control/control_plane.h"

namespace wsfleet {

void ControlPlane::redis_goes_away(TimeNs duration) {
  fleet_event("fault", "", fmt::format("Redis is away for {}", format_duration_short(duration)));
  data_->store().goes_away(pods_, now());
  for (const PodSlot slot : pods_.alive()) data_->background_changed(slot, now());
  post(now() + duration, [this, duration] { redis_comes_back(duration); });
}

// Servers try again with back-off, so they come back one by one.
void ControlPlane::redis_comes_back(TimeNs away) {
  fleet_event("fault_over", "", "Redis is back");
  SessionStore& store = data_->store();
  if (!store.comes_back()) return;
  for (const PodSlot slot : pods_.alive()) {
    if (pods_[slot].stage != PodStage::serving) continue;
    post_for(slot, now() + store.retry_delay(pods_[slot], away), [this, slot] {
      Pod& pod = pods_[slot];
      SessionStore& redis = data_->store();
      if (pod.stage != PodStage::serving || pod.store.linked || !redis.up()) return;
      redis.link(pod, now(), data_->message_load(pod));
      data_->background_changed(slot, now());
    });
  }
}

void ControlPlane::count_linked() {
  linked_connections_ = 0;
  if (settings_.server.mode != MessageMode::broadcast) return;
  for (const PodSlot slot : pods_.alive()) {
    const Pod& pod = pods_[slot];
    if (pod.store.linked) linked_connections_ += static_cast<std::int64_t>(pod.open.size());
  }
}

// A second's deliveries of one pod, and the CPU that rooms and the session store take from now on.
void ControlPlane::count_background(PodSlot slot) {
  Pod& pod = pods_[slot];
  const double before = pod.background();
  if (settings_.server.mode == MessageMode::broadcast) {
    RoomPlace place;
    place.own = static_cast<double>(pod.open.size());
    place.linked = static_cast<double>(linked_connections_);
    place.all = static_cast<double>(data_->open_connections());
    place.is_linked = pod.store.linked;
    const RoomTraffic traffic = room_traffic(settings_.workload, settings_.server, place);
    meter_.row().deliveries += traffic.deliveries;
    *meter_.row().deliveries_missed += traffic.missed;
    pod.room_load = room_cores(settings_.server.costs, traffic);
  }
  if (data_->store().used()) {
    const double rest = data_->message_load(pod) - pod.store.load + pod.handshake_work_done / 1e9;
    data_->store().work(pod, now(), rest);
  }
  if (pod.background() != before) data_->background_changed(slot, now());
}

}  // namespace wsfleet
