// SPDX-License-Identifier: Apache-2.0
// Drains and sheds: close frames, paced by the server's rules; and the end of a container.
#include "cluster/simulated/data_plane.h"
#include "server/rules.h"

namespace wsfleet {

void DataPlane::begin_drain(PodSlot slot, TimeNs now) {
  Pod& pod = pods_[slot];
  pod.draining = true;
  if (pod.drain.active && !pod.drain.keeps_serving) return;  // under way already
  start_closing(slot, now, pod.sockets(), /*keeps_serving=*/false);
  after_leaving(slot);
}

void DataPlane::begin_shed(PodSlot slot, TimeNs now, double share) {
  const auto open = static_cast<std::int64_t>(pods_[slot].open.size());
  const std::int64_t total = connections_to_shed(open, share);
  if (pods_[slot].draining || total == 0) return;
  start_closing(slot, now, total, /*keeps_serving=*/true);
}

void DataPlane::start_closing(PodSlot slot, TimeNs now, std::int64_t total, bool keeps_serving) {
  Pod& pod = pods_[slot];
  pod.drain = {true, keeps_serving, now, total, 0};
  ++pod.drain_life;
  const DrainSettings& drain = settings_.server.drain;
  if (drain.mode == DrainMode::none && !keeps_serving) {
    pod.drain.active = false;  // sockets stay until the grace ends
    return;
  }
  if (total > 0) push(now, EventKind::drain_close, slot, pod.drain_life);
}

void DataPlane::on_drain_close(PodSlot slot, TimeNs now) {
  Pod& pod = pods_[slot];
  const DrainSettings pace =
      pod.drain.keeps_serving ? shed_pacing(settings_.server.drain) : settings_.server.drain;
  const std::int64_t due = closes_due(pace, pod.drain.total, now - pod.drain.began);
  const CloseCause cause =
      pod.drain.keeps_serving ? CloseCause::shed : CloseCause::moved_by_scaling;
  const bool overdue = !pod.drain.keeps_serving && due >= pod.drain.total;
  while (!pod.open.empty() && (pod.drain.closed < due || overdue)) {
    cut(pod.open.back(), now, cause, 0);
    ++pod.drain.closed;
  }
  if (pod.drain.closed < pod.drain.total && !pod.open.empty()) {
    const TimeNs next = pod.drain.began + close_due_at(pace, pod.drain.total, pod.drain.closed);
    push(std::max(next, now + 1), EventKind::drain_close, slot, pod.drain_life);
  } else if (pod.drain.keeps_serving) {
    pod.drain.active = false;
  }
  after_leaving(slot);
}

void DataPlane::after_leaving(PodSlot slot) {
  const Pod& pod = pods_[slot];
  if (pod.sigterm && pod.sockets() == 0 && pod.stage == PodStage::serving) {
    listener_.drained(slot);
  }
}

void DataPlane::container_stopped(PodSlot slot, TimeNs now, CloseCause cause, TimeNs notice) {
  Pod& pod = pods_[slot];
  ++pod.life;  // no more probes, scrapes and timeouts
  ++pod.drain_life;
  pod.drain = {};
  pod.stage = PodStage::waiting;
  pod.probe.reset();
  // Of a machine that lost power nobody knows yet: the node controller will find out.
  if (pod.ready && !pod.node_lost) {
    pod.ready = false;
    if (!pod.terminating) announce_endpoint(slot, false, now);
  }
  store_.container_stopped(pod, now);
  pod.room_load = 0;
  reset_handshakes(slot, now, notice);
  while (!pod.open.empty()) cut(pod.open.back(), now, cause, notice);
  pod.sample.reset();
  pod.message_backlog = 0;
}

}  // namespace wsfleet
