// SPDX-License-Identifier: Apache-2.0
#include "cluster/simulated/data/data_plane.h"

#include "cluster/network_delays.h"
#include "server/rules.h"

namespace wsfleet {
namespace {

// The number of sockets whose memory is over the limit.
std::int64_t sockets_over_limit(const RunDescription& settings) {
  const CostProfile& costs = settings.server.costs;
  const std::int64_t limit = settings.cluster.pod.memory_limit_bytes;
  const std::int64_t each = memory_bytes(costs, 1) - memory_bytes(costs, 0);
  if (limit == 0 || each == 0) return INT64_MAX;
  return std::max<std::int64_t>(0, (limit - memory_bytes(costs, 0)) / each) + 1;
}

}  // namespace

DataPlane::DataPlane(const RunDescription& settings, PodTable& pods, Meter& meter,
                     Listener& listener)
    : settings_(settings),
      pods_(pods),
      meter_(meter),
      listener_(listener),
      rate_(settings.workload.arrivals, settings.workload.length, settings.duration),
      arrivals_(rate_, RandomStreams(settings.seed)),
      sessions_(settings.workload, RandomStreams(settings.seed)),
      reconnects_(settings.workload.reconnect, RandomStreams(settings.seed)),
      notice_(settings.seed, "cluster.notice"),
      scrape_offset_(settings.seed, "cluster.scrape_offset"),
      balancer_(make_balancer(settings.cluster, RandomStreams(settings.seed))),
      store_(settings.server, settings.seed),
      reach_delay_(reach_delay(settings.cluster, settings.server.tls)),
      reply_delay_(reply_delay(settings.cluster)),
      reach_delay_round_(2 * reply_delay_),
      handshake_work_ns_(static_cast<double>(handshake_work(settings.server))),
      cores_per_connection_(settings.workload.messages_per_second *
                                to_seconds(settings.server.costs.message_cpu) +
                            ping_load(settings.server, 1)),
      sockets_at_oom_(sockets_over_limit(settings)) {}

void DataPlane::start() {
  if (settings_.start_steady) place_initial_sessions();
  expect_arrival();
}

void DataPlane::advance(TimeNs now) {
  // A closing socket's record has not been touched for minutes.
  const auto fetch = [this](const Event& event) {
    if (event.kind() == EventKind::close) connections_.prefetch(event.target);
  };
  while (queue_.next_time() <= now) {
    const Event event = queue_.pop(fetch);
    ++events_;
    hash_ = (hash_ ^ static_cast<std::uint64_t>(event.time)) * 0x100000001b3ULL;
    hash_ =
        (hash_ ^ (static_cast<std::uint64_t>(event.target) << 32 | event.tag)) * 0x100000001b3ULL;
    handle(event);
  }
}

void DataPlane::handle(const Event& event) {
  const auto current = [this, &event](std::uint32_t generation) {
    const bool same = (generation & Event::kGenerationMask) == event.generation();
    if (!same) ++superseded_;
    return same;
  };
  switch (event.kind()) {
    case EventKind::arrival:
      return on_arrival(event.time);
    case EventKind::retry:
      if (current(connections_[event.target].generation)) on_retry(event.target, event.time);
      return;
    case EventKind::close:
      if (current(connections_[event.target].generation)) on_close(event.target, event.time);
      return;
    case EventKind::handshake_done:
      if (current(pods_[event.target].handshake_generation)) {
        on_handshake_done(event.target, event.time);
      }
      return;
    case EventKind::handshake_timeout:
      if (current(pods_[event.target].life)) on_handshake_timeout(event.target, event.time);
      return;
    case EventKind::drain_close:
      if (current(pods_[event.target].closes_life)) on_drain_close(event.target, event.time);
      return;
    case EventKind::probe:
      if (current(pods_[event.target].life)) on_probe(event.target, event.time);
      return;
    case EventKind::scrape:
      if (current(pods_[event.target].life)) on_scrape(event.target, event.time);
      return;
    case EventKind::endpoints:
      return on_endpoints(event.time);
  }
}

void DataPlane::finish() {
  for (; next_arrival_ != kNever; next_arrival_ = arrivals_.next()) {
    const std::uint64_t serial = next_serial_++;
    const TimeNs length = sessions_.length(serial);
    meter_.offered().session(next_arrival_, length);
    digest_.add(serial, next_arrival_, length);
  }
}

double DataPlane::message_load(const Pod& pod) const {
  return static_cast<double>(pod.open.size()) * cores_per_connection_ + pod.background();
}

RunFigures DataPlane::figures() const {
  RunFigures figures;
  figures.events = events_;
  figures.superseded_events = superseded_;
  figures.event_hash = hash_;
  figures.connections_peak = open_peak_;
  figures.initial_sessions = initial_sessions_;
  figures.sessions_begun = digest_.sessions();
  figures.session_digest = digest_.value();
  if (live_at_peak_ > 0) {
    figures.model_bytes_per_connection =
        static_cast<double>(bytes_at_peak_) / static_cast<double>(live_at_peak_);
  }
  return figures;
}

}  // namespace wsfleet
