// SPDX-License-Identifier: Apache-2.0
#include "server/rules.h"

#include <algorithm>
#include <cmath>

namespace wsfleet {
namespace {

// Products of nanoseconds and connections pass 64 bits (an hour times three million).
using Wide = __int128;

}  // namespace

AdmissionRule::AdmissionRule(const ServerSettings& settings)
    : max_connections_(settings.max_connections),
      rate_per_ns_(settings.max_connection_rate / 1e9),
      burst_(std::max(1.0, settings.max_connection_rate)),
      tokens_(burst_) {}

Admission AdmissionRule::admit(std::int64_t open_connections, bool draining, TimeNs now) {
  if (draining) return Admission::refuse_draining;
  if (open_connections >= max_connections_) return Admission::refuse_full;
  if (rate_per_ns_ <= 0) return Admission::accept;

  if (now > refilled_) {
    const double earned = static_cast<double>(now - refilled_) * rate_per_ns_;
    tokens_ = std::min(burst_, tokens_ + earned);
    refilled_ = now;
  }
  if (tokens_ < 1.0) return Admission::refuse_rate;
  tokens_ -= 1.0;
  return Admission::accept;
}

bool is_ready(const ServerSettings& settings, std::int64_t open_connections, bool draining) {
  if (draining) return false;
  return settings.ready_when_full || open_connections < settings.max_connections;
}

bool is_sendable_close_code(std::int64_t code) {
  const bool reserved = (code >= 1004 && code <= 1006) || code == 1015;
  return code >= 1000 && code <= 4999 && !reserved;
}

TimeNs close_due_at(const DrainSettings& drain, std::int64_t total, std::int64_t n) {
  if (drain.mode == DrainMode::none || n < 0 || n >= total) return kNever;
  if (drain.mode == DrainMode::immediate || total == 1) return 0;
  return static_cast<TimeNs>(static_cast<Wide>(drain.over) * n / (total - 1));
}

std::int64_t closes_due(const DrainSettings& drain, std::int64_t total, TimeNs elapsed) {
  if (drain.mode == DrainMode::none || elapsed < 0 || total <= 0) return 0;
  if (drain.mode == DrainMode::immediate || total == 1 || elapsed >= drain.over) return total;
  // The number of n with floor(over * n / (total - 1)) <= elapsed: the inverse of close_due_at.
  const Wide work = (static_cast<Wide>(elapsed) + 1) * (total - 1);
  const auto due = static_cast<std::int64_t>((work + drain.over - 1) / drain.over);
  return std::min(total, due);
}

std::int64_t connections_to_shed(std::int64_t open_connections, double share) {
  if (open_connections <= 0 || !(share > 0)) return 0;
  const double wanted = std::min(share, 1.0) * static_cast<double>(open_connections);
  // 0.1 * 30 is a hair over 3 in binary; that hair is no connection.
  const auto count = static_cast<std::int64_t>(std::ceil(wanted - 1e-9 * wanted));
  return std::min(count, open_connections);
}

DrainSettings shed_pacing(const DrainSettings& drain) {
  DrainSettings pacing = drain;
  if (pacing.mode == DrainMode::none) pacing.mode = DrainMode::immediate;
  return pacing;
}

double ping_load(const ServerSettings& settings, std::int64_t open_connections) {
  if (settings.ping_interval <= 0) return 0;
  const double cost = to_seconds(settings.costs.ping_cpu) / to_seconds(settings.ping_interval);
  return cost * static_cast<double>(open_connections);
}

double session_keys_left(TimeNs age) {
  const double left = to_seconds(kSessionTtl - age) / to_seconds(kSessionRefresh);
  return std::clamp(left, 0.0, 1.0);
}

double refresh_load(const ServerSettings& settings, std::int64_t open_connections) {
  if (!settings.redis) return 0;
  const double cost = to_seconds(settings.costs.session_store_cpu) / to_seconds(kSessionRefresh);
  return cost * static_cast<double>(open_connections);
}

TimeNs handshake_work(const ServerSettings& settings) {
  return settings.costs.handshake_cpu + (settings.tls ? settings.costs.tls_handshake_cpu : 0);
}

std::int64_t memory_bytes(const CostProfile& costs, std::int64_t open_connections) {
  const std::int64_t each = costs.user_bytes_per_connection + costs.kernel_bytes_per_connection;
  return costs.base_bytes + each * open_connections;
}

}  // namespace wsfleet
