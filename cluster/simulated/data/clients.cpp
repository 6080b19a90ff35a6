// SPDX-License-Identifier: Apache-2.0
// The clients' side of the data plane: sessions arrive, try, connect, end, are cut and come back.
// Network delays are constant, so an attempt is one event at the time its request reaches a pod.
#include <algorithm>

#include "cluster/simulated/data/data_plane.h"

namespace wsfleet {
// The balancer spreads them, as it would have done; who finds no room tries again at once.
void DataPlane::place_initial_sessions() {
  initial_sessions_ = sessions_.stationary_population(rate_.rate_at(0));
  const std::int64_t room = std::min(settings_.server.max_connections, sockets_at_oom_ - 1);
  for (std::int64_t i = 0; i < initial_sessions_; ++i) {
    const TimeNs residual = sessions_.residual(static_cast<std::uint64_t>(i));
    const ConnectionId id = connections_.create();
    Connection& connection = connections_[id];
    connection.life = ClientLife(initial_serial(static_cast<std::uint64_t>(i)), residual);
    meter_.offered().initial_session(residual);
    digest_.add(connection.life.serial(), 0, residual);
    const std::optional<PodSlot> slot = pick(connection, 0);
    if (slot && pods_[*slot].sockets() < room) {
      connection.life.begin_attempt();
      place(id, *slot, 0);
    } else {
      if (slot) balancer_->release(*slot, 0, 0);
      push(reach_delay_, EventKind::retry, id, connection.generation);
    }
  }
}

void DataPlane::on_arrival(TimeNs now) {
  const TimeNs intended = now - reach_delay_;
  const ConnectionId id = connections_.create();
  Connection& connection = connections_[id];
  const std::uint64_t serial = next_serial_++;
  const TimeNs length = sessions_.length(serial);
  connection.life = ClientLife(serial, length);
  connection.since = intended;
  meter_.offered().session(intended, length);
  digest_.add(serial, intended, length);
  attempt(id, now);
  expect_arrival();
}

void DataPlane::expect_arrival() {
  next_arrival_ = arrivals_.next();
  if (next_arrival_ != kNever) push(next_arrival_ + reach_delay_, EventKind::arrival, 0, 0);
}

void DataPlane::on_retry(ConnectionId id, TimeNs now) { attempt(id, now); }

void DataPlane::attempt(ConnectionId id, TimeNs now) {
  Connection& connection = connections_[id];
  const TimeNs began = now - reach_delay_;
  connection.life.begin_attempt();
  if (connection.life.was_open()) ++meter_.row().reconnects;
  const std::optional<PodSlot> slot = pick(connection, now);
  if (!slot) {
    meter_.refused(/*for_capacity=*/true);
    return fail_attempt(id, now + reply_delay_);
  }
  Pod& pod = pods_[*slot];
  if (pod.node_lost || pod.cut_off) {  // nothing answers: the client gives up by itself
    balancer_->release(*slot, now, 0);
    meter_.failed();
    return fail_attempt(id, began + settings_.workload.reconnect.connect_timeout);
  }
  if (pod.stage != PodStage::serving) {  // refused by every upstream that was tried
    balancer_->release(*slot, now, 0);
    meter_.failed();
    return fail_attempt(id, now + reply_delay_);
  }
  const Admission verdict = pod.admission.admit(pod.sockets(), pod.closes.draining(), now);
  if (verdict != Admission::accept) {
    balancer_->release(*slot, now, 2 * settings_.cluster.network.cluster_latency);
    meter_.refused(for_want_of_capacity(verdict));
    return fail_attempt(id, now + reply_delay_);
  }
  begin_handshake(id, *slot, began, now);
}

// The pod that answers a connect, or the last one that was asked.
std::optional<PodSlot> DataPlane::pick(const Connection& connection, TimeNs now) {
  PickRequest request;
  request.session = connection.life.serial();
  request.source = sessions_.source_address(connection.life.serial());
  request.now = now;
  std::optional<PodSlot> slot;
  for (std::uint32_t tried = 0; tried < kUpstreamTries; ++tried) {
    request.attempt = upstream_draw(connection.life.attempts(), tried);
    if (slot) balancer_->release(*slot, now, 0);
    slot = balancer_->pick(request);
    if (!slot) return slot;
    const Pod& pod = pods_[*slot];
    if (pod.stage == PodStage::serving || pod.node_lost || pod.cut_off) return slot;
  }
  return slot;
}

void DataPlane::fail_attempt(ConnectionId id, TimeNs client_knows_at) {
  go_on(id, connections_[id].life.attempt_failed(client_knows_at, reconnects_));
}

void DataPlane::go_on(ConnectionId id, const ClientStep& step) {
  Connection& connection = connections_[id];
  if (step.next == NextStep::retry) {
    connection.state = SessionState::waiting;
    return push(step.at + reach_delay_, EventKind::retry, id, ++connection.generation);
  }
  if (step.next == NextStep::completed) {
    ++meter_.row().sessions_completed;
  } else {
    meter_.session_lost(connection.since, connection.life.was_open());
  }
  connections_.destroy(id);
}

void DataPlane::open(ConnectionId id, PodSlot slot, TimeNs attempt_began, TimeNs now) {
  Connection& connection = connections_[id];
  const TimeNs client_sees = now + reply_delay_;
  meter_.opened(attempt_began, client_sees - attempt_began);
  if (!connection.life.was_open()) {
    meter_.first_open(connection.since, client_sees - connection.since);
  }
  place(id, slot, now);
  store_.opened(pods_[slot]);
  const Pod& pod = pods_[slot];
  if (pod.closes.draining() && !pod.close_expected) {
    on_drain_close(slot, now);  // it was under way when the drain began, and the others have gone
  } else if (pod.sockets() >= sockets_at_oom_) {
    listener_.out_of_memory(slot);
    container_stopped(slot, now, CloseCause::cut_by_failure, 0);
  }
}

// The session's length counts from the client's seeing it open; its close takes as long back.
void DataPlane::place(ConnectionId id, PodSlot slot, TimeNs now) {
  Connection& connection = connections_[id];
  Pod& pod = pods_[slot];
  connection.state = SessionState::open;
  connection.life.opened(now + reply_delay_);
  connection.since = now;
  connection.pod = static_cast<std::uint16_t>(slot);
  connection.position = static_cast<std::uint32_t>(pod.open.size());
  pod.open.push_back(id);
  ++open_connections_;
  push(connection.life.ends_at() + reply_delay_, EventKind::close, id, ++connection.generation);
  if (open_connections_ > open_peak_) {
    open_peak_ = open_connections_;
    // Sampled now and then: summing over the pods costs more than an event.
    if (open_peak_ % 4096 == 0 || open_peak_ < 4096) {
      bytes_at_peak_ = queue_.memory_bytes() + connections_.memory_bytes();
      live_at_peak_ = connections_.live();
    }
  }
}

void DataPlane::on_close(ConnectionId id, TimeNs now) {
  leave_pod(id, now);
  ++meter_.row().sessions_completed;
  const PodSlot slot = connections_[id].pod;
  connections_.destroy(id);
  after_leaving(slot);
}

// Swap with the last: the order within a pod means nothing.
void DataPlane::leave_pod(ConnectionId id, TimeNs now) {
  Connection& connection = connections_[id];
  Pod& pod = pods_[connection.pod];
  const ConnectionId last = pod.open.back();
  pod.open[connection.position] = last;
  connections_[last].position = connection.position;
  pod.open.pop_back();
  --open_connections_;
  store_.closed(pod, connection.since);
  balancer_->release(connection.pod, now, now - connection.since);
}

void DataPlane::cut(ConnectionId id, TimeNs now, CloseCause cause, TimeNs notice) {
  leave_pod(id, now);
  meter_.closed(cause);
  Connection& connection = connections_[id];
  ++connection.generation;
  // Dead air is noticed by a missed ping, somewhere between one interval and two.
  const double share = notice > 0 ? 0.5 + 0.5 * notice_.uniform(connection.life.serial()) : 0.0;
  const auto noticed = static_cast<TimeNs>(share * static_cast<double>(notice));
  const TimeNs lost_at = now + reply_delay_;
  go_on(id, connection.life.cut(lost_at, lost_at + noticed, reconnects_));
}

}  // namespace wsfleet
