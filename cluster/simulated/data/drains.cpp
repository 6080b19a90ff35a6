// SPDX-License-Identifier: Apache-2.0
// Drains and sheds: close frames, paced by the server's rules; and the end of a container.
#include "cluster/simulated/data/data_plane.h"

namespace wsfleet {

void DataPlane::begin_drain(PodSlot slot, TimeNs now) {
  Pod& pod = pods_[slot];
  if (!pod.closes.draining()) {
    pod.closes.begin_drain(now, pod.sockets());
    expect_close(slot);
  }
  after_leaving(slot);
}

void DataPlane::begin_shed(PodSlot slot, TimeNs now, double share) {
  Pod& pod = pods_[slot];
  const auto open = static_cast<std::int64_t>(pod.open.size());
  if (pod.closes.begin_shed(now, open, share) > 0) expect_close(slot);
}

// The orders have changed: what was expected before is out of date.
void DataPlane::expect_close(PodSlot slot) {
  Pod& pod = pods_[slot];
  ++pod.closes_life;
  const TimeNs due = pod.closes.next_due();
  pod.close_expected = due != kNever;
  if (pod.close_expected) push(due, EventKind::drain_close, slot, pod.closes_life);
}

void DataPlane::on_drain_close(PodSlot slot, TimeNs now) {
  Pod& pod = pods_[slot];
  const CloseCause cause = pod.closes.draining() ? CloseCause::moved_by_scaling : CloseCause::shed;
  const auto open = static_cast<std::int64_t>(pod.open.size());
  for (std::int64_t due = pod.closes.take(now, open); due > 0; --due) {
    cut(pod.open.back(), now, cause, 0);
  }
  const TimeNs next = pod.closes.next_due();
  pod.close_expected = next != kNever && !pod.open.empty();
  if (pod.close_expected) push(next, EventKind::drain_close, slot, pod.closes_life);
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
  ++pod.closes_life;
  pod.close_expected = false;
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
