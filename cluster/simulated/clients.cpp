// SPDX-License-Identifier: Apache-2.0
// The clients' side of the data plane: sessions arrive, try, connect, end, are cut and come back.
// Network delays are constant, so an attempt is one event at the time its request reaches a pod.
#include <algorithm>

#include "cluster/simulated/data_plane.h"

namespace wsfleet {
namespace {

// ingress-nginx asks up to three upstreams when a connection is refused
// (proxy-next-upstream-tries).
constexpr std::uint32_t kUpstreamTries = 3;

}  // namespace

// The balancer spreads them, as it would have done; who finds no room tries again at once.
void DataPlane::place_initial_sessions() {
  initial_sessions_ = sessions_.stationary_population(rate_.rate_at(0));
  const std::int64_t room = std::min(settings_.server.max_connections, sockets_at_oom_ - 1);
  for (std::int64_t i = 0; i < initial_sessions_; ++i) {
    const TimeNs residual = sessions_.residual(static_cast<std::uint64_t>(i));
    const ConnectionId id = connections_.create();
    Connection& connection = connections_[id];
    // Serials of their own, far above those of the arrivals.
    connection.serial = (std::uint64_t{1} << 48) + static_cast<std::uint64_t>(i);
    connection.remaining = residual;
    meter_.offered().initial_session(residual);
    digest_.add(connection.serial, 0, residual);
    const std::optional<PodSlot> slot = pick(connection, 0);
    if (slot && pods_[*slot].sockets() < room) {
      connection.attempts = 1;
      place(id, *slot, 0, residual + 2 * reply_delay_);
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
  connection.serial = next_serial_++;
  connection.remaining = sessions_.length(connection.serial);
  connection.since = intended;
  meter_.offered().session(intended, connection.remaining);
  digest_.add(connection.serial, intended, connection.remaining);
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
  if (connection.attempts < UINT16_MAX) ++connection.attempts;
  if (connection.was_open) ++meter_.row().reconnects;
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
  const Admission verdict = pod.admission.admit(pod.sockets(), pod.draining, now);
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
  request.session = connection.serial;
  request.source = sessions_.source_address(connection.serial);
  request.now = now;
  std::optional<PodSlot> slot;
  for (std::uint32_t tried = 0; tried < kUpstreamTries; ++tried) {
    request.attempt = connection.attempts * kUpstreamTries + tried;
    if (slot) balancer_->release(*slot, now, 0);
    slot = balancer_->pick(request);
    if (!slot) return slot;
    const Pod& pod = pods_[*slot];
    if (pod.stage == PodStage::serving || pod.node_lost || pod.cut_off) return slot;
  }
  return slot;
}

void DataPlane::fail_attempt(ConnectionId id, TimeNs client_knows_at) {
  Connection& connection = connections_[id];
  connection.state = SessionState::waiting;
  if (connection.failed_in_a_row < UINT16_MAX) ++connection.failed_in_a_row;
  try_again(id, client_knows_at);
}

void DataPlane::try_again(ConnectionId id, TimeNs client_knows_at) {
  Connection& connection = connections_[id];
  const std::optional<TimeNs> delay =
      reconnects_.delay(connection.serial, connection.failed_in_a_row, connection.attempts);
  if (!delay) {
    meter_.session_lost(connection.since, connection.was_open);
    return connections_.destroy(id);
  }
  push(client_knows_at + *delay + reach_delay_, EventKind::retry, id, ++connection.generation);
}

void DataPlane::open(ConnectionId id, PodSlot slot, TimeNs attempt_began, TimeNs now) {
  Connection& connection = connections_[id];
  const TimeNs client_sees = now + reply_delay_;
  meter_.opened(attempt_began, client_sees - attempt_began);
  if (!connection.was_open) meter_.first_open(connection.since, client_sees - connection.since);
  // The session's length counts from the client's seeing it open; its close takes as long back.
  place(id, slot, now, client_sees + connection.remaining + reply_delay_);
  store_.opened(pods_[slot]);
  const Pod& pod = pods_[slot];
  if (pod.drain.active && !pod.drain.keeps_serving && pod.drain.closed >= pod.drain.total) {
    on_drain_close(slot, now);  // it was under way when the drain began, and the drain is over
  } else if (pod.sockets() >= sockets_at_oom_) {
    listener_.out_of_memory(slot);
    container_stopped(slot, now, CloseCause::cut_by_failure, 0);
  }
}

void DataPlane::place(ConnectionId id, PodSlot slot, TimeNs now, TimeNs ends_at) {
  Connection& connection = connections_[id];
  Pod& pod = pods_[slot];
  connection.state = SessionState::open;
  connection.was_open = true;
  connection.failed_in_a_row = 0;
  connection.since = now;
  connection.remaining = ends_at;
  connection.pod = static_cast<std::uint16_t>(slot);
  connection.position = static_cast<std::uint32_t>(pod.open.size());
  pod.open.push_back(id);
  ++open_connections_;
  push(ends_at, EventKind::close, id, ++connection.generation);
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
  connection.remaining -= now + 2 * reply_delay_;
  if (connection.remaining <= 0) {
    ++meter_.row().sessions_completed;  // it was about to leave anyway
    return connections_.destroy(id);
  }
  connection.state = SessionState::waiting;
  // Dead air is noticed by a missed ping, somewhere between one interval and two.
  const double share = notice > 0 ? 0.5 + 0.5 * notice_.uniform(connection.serial) : 0.0;
  const auto noticed = static_cast<TimeNs>(share * static_cast<double>(notice));
  try_again(id, now + noticed + reply_delay_);
}

}  // namespace wsfleet
