// SPDX-License-Identifier: Apache-2.0
// Handshakes as processor-shared work on the pod's CPU, beside the fluid of messages and pings.
// Virtual time is the CPU that each handshake under way has had; all need the same work, so they
// end in the order they began, and only the first one's end is in the event queue. An arrival slows
// the others: the queued event then fires early, sees that, and is armed again.
#include <algorithm>
#include <cmath>

#include "cluster/simulated/data/data_plane.h"

namespace wsfleet {
namespace {

// What the accept path gets at least when messages alone would take all of the pod's CPU.
constexpr double kLeastHandshakeShare = 0.05;
// CPU ns by which a handshake may end early: rounding of event times to whole ns.
constexpr double kWorkRounding = 0.5;

}  // namespace

void DataPlane::begin_handshake(ConnectionId id, PodSlot slot, TimeNs attempt_began, TimeNs now) {
  if (handshake_work_ns_ <= 0) return open(id, slot, attempt_began, now);
  Pod& pod = pods_[slot];
  settle_handshakes(pod, now);
  connections_[id].state = SessionState::handshake;
  connections_[id].pod = static_cast<std::uint16_t>(slot);
  pod.handshakes.push_back({id, attempt_began, pod.virtual_time + handshake_work_ns_});
  set_handshake_rate(pod);
  if (pod.handshakes.size() == 1) arm_handshake(slot, now);
  if (!pod.timeout_pending) {
    pod.timeout_pending = true;
    const TimeNs deadline =
        attempt_began + settings_.workload.reconnect.connect_timeout - reply_delay_;
    push(std::max(now, deadline), EventKind::handshake_timeout, slot, pod.life);
  }
}

void DataPlane::settle_handshakes(Pod& pod, TimeNs now) {
  if (!pod.handshakes.empty()) {
    const double done = pod.handshake_rate * static_cast<double>(now - pod.virtual_updated);
    pod.virtual_time += done;
    pod.handshake_work_done += done * static_cast<double>(pod.handshakes.size());
  }
  pod.virtual_updated = now;
}

// One handshake runs on one core at most; together they have what the messages leave.
void DataPlane::set_handshake_rate(Pod& pod) {
  if (pod.handshakes.empty()) {
    pod.handshake_rate = 0;
    pod.virtual_time = 0;  // keeps the sums small
    return;
  }
  const double capacity = pod.cut_off ? 0.0 : pod.capacity;
  const double left = std::max(capacity - message_load(pod), capacity * kLeastHandshakeShare);
  pod.handshake_rate = std::min(1.0, left / static_cast<double>(pod.handshakes.size()));
}

void DataPlane::arm_handshake(PodSlot slot, TimeNs now) {
  Pod& pod = pods_[slot];
  ++pod.handshake_generation;
  if (pod.handshakes.empty() || pod.handshake_rate <= 0) return;
  const double work = std::max(0.0, pod.handshakes.front().finish - pod.virtual_time);
  const double wait = std::ceil(work / pod.handshake_rate);
  if (wait > 9e18) return;
  push(now + static_cast<TimeNs>(wait), EventKind::handshake_done, slot, pod.handshake_generation);
}

void DataPlane::on_handshake_done(PodSlot slot, TimeNs now) {
  Pod& pod = pods_[slot];
  settle_handshakes(pod, now);
  const std::uint32_t life = pod.life;
  while (!pod.handshakes.empty() &&
         pod.handshakes.front().finish <= pod.virtual_time + kWorkRounding) {
    const Handshake done = pod.handshakes.front();
    pod.handshakes.pop_front();
    open(done.connection, slot, done.started, now);
    if (pod.life != life) return;  // that socket was one too many: the container is gone
  }
  set_handshake_rate(pod);
  arm_handshake(slot, now);
}

// All clients wait equally long, so the first in line is the first to give up.
void DataPlane::on_handshake_timeout(PodSlot slot, TimeNs now) {
  Pod& pod = pods_[slot];
  pod.timeout_pending = false;
  settle_handshakes(pod, now);
  const TimeNs patience = settings_.workload.reconnect.connect_timeout - reply_delay_;
  bool left = false;
  while (!pod.handshakes.empty() && pod.handshakes.front().started + patience <= now) {
    const ConnectionId id = pod.handshakes.front().connection;
    const TimeNs gave_up = pod.handshakes.front().started + patience + reply_delay_;
    pod.handshakes.pop_front();
    left = true;
    balancer_->release(slot, now, now - (gave_up - settings_.workload.reconnect.connect_timeout));
    meter_.failed();
    fail_attempt(id, std::max(gave_up, now));
  }
  if (left) {
    set_handshake_rate(pod);
    arm_handshake(slot, now);
    after_leaving(slot);
  }
  if (!pod.handshakes.empty()) {
    pod.timeout_pending = true;
    push(std::max(now, pod.handshakes.front().started + patience), EventKind::handshake_timeout,
         slot, pod.life);
  }
}

// The server is gone: a reset for each, or silence when the whole machine is.
void DataPlane::reset_handshakes(PodSlot slot, TimeNs now, TimeNs notice) {
  Pod& pod = pods_[slot];
  settle_handshakes(pod, now);
  while (!pod.handshakes.empty()) {
    const Handshake lost = pod.handshakes.front();
    pod.handshakes.pop_front();
    balancer_->release(slot, now, now - lost.started);
    meter_.failed();
    const TimeNs timeout = lost.started + settings_.workload.reconnect.connect_timeout;
    fail_attempt(lost.connection, notice > 0 ? std::max(now, timeout) : now + reply_delay_);
  }
  set_handshake_rate(pod);
  ++pod.handshake_generation;
  pod.timeout_pending = false;
}

void DataPlane::set_capacity(PodSlot slot, double cores, TimeNs now) {
  Pod& pod = pods_[slot];
  if (pod.capacity == cores) return;
  settle_handshakes(pod, now);
  pod.capacity = cores;
  set_handshake_rate(pod);
  arm_handshake(slot, now);
}

void DataPlane::background_changed(PodSlot slot, TimeNs now) {
  Pod& pod = pods_[slot];
  if (pod.handshakes.empty()) return;
  settle_handshakes(pod, now);
  set_handshake_rate(pod);
  arm_handshake(slot, now);
}

void DataPlane::set_cut_off(PodSlot slot, bool cut_off, TimeNs now) {
  Pod& pod = pods_[slot];
  settle_handshakes(pod, now);
  pod.cut_off = cut_off;
  set_handshake_rate(pod);
  arm_handshake(slot, now);
}

}  // namespace wsfleet
