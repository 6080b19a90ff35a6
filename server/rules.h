// SPDX-License-Identifier: Apache-2.0
#pragma once
// The rules of the server that both worlds call: the Beast server and the simulated pod. Pure: time
// comes in as an argument. Not thread-safe; each server or pod has its own.

#include <cstdint>

#include "core/time.h"
#include "server/settings.h"

namespace wsfleet {

enum class Admission { accept, refuse_full, refuse_draining, refuse_rate };

/// 503 once max_connections are open (handshakes that are under way count), while draining, or when
/// a token bucket of max_connection_rate (burst: one second's worth, at least 1) is empty.
class AdmissionRule {
 public:
  explicit AdmissionRule(const ServerSettings& settings);
  Admission admit(std::int64_t open_connections, bool draining, TimeNs now);

 private:
  std::int64_t max_connections_;
  double rate_per_ns_;
  double burst_;
  double tokens_;
  TimeNs refilled_ = 0;
};

/// Whether the readiness endpoint answers 200.
bool is_ready(const ServerSettings& settings, std::int64_t open_connections, bool draining);

/// How many connections a drain, or a shed, must have closed `elapsed` after it began, of the
/// `total` that were open then. none: 0; immediate: all; paced: evenly, the first at once, the last
/// at `over`.
std::int64_t closes_due(const DrainSettings& drain, std::int64_t total, TimeNs elapsed);

/// Whether a close frame may carry the code: 1000-4999 without 1004-1006 and 1015 (RFC 6455, 7.4).
bool is_sendable_close_code(std::int64_t code);

/// When the n-th (from 0) close of such a drain is due, after it began; kNever with mode none.
TimeNs close_due_at(const DrainSettings& drain, std::int64_t total, std::int64_t n);

/// A shed closes ceil(share * open) connections, paced as the drain is (immediate for mode none).
std::int64_t connections_to_shed(std::int64_t open_connections, double share);

/// What paces a shed: the drain's settings, `none` read as `immediate`.
DrainSettings shed_pacing(const DrainSettings& drain);

/// A session's key lives so long without a refresh; it is refreshed three times in that.
inline constexpr TimeNs kSessionTtl = kMinute;
inline constexpr TimeNs kSessionRefresh = kSessionTtl / 3;
/// Longest wait of a server that lost Redis before it tries again.
inline constexpr TimeNs kRedisBackOffCap = 5 * kSecond;

/// The share of keys that are still there, `age` after the last moment in which they could be
/// refreshed: the oldest refresh was kSessionRefresh before it.
double session_keys_left(TimeNs age);

/// CPU seconds per second of refreshing so many sessions' keys; 0 without Redis.
double refresh_load(const ServerSettings& settings, std::int64_t open_connections);

/// CPU seconds that pings cost per second.
double ping_load(const ServerSettings& settings, std::int64_t open_connections);

/// A handshake's CPU work, TLS included when it is on.
TimeNs handshake_work(const ServerSettings& settings);

/// Resident and kernel memory of a server with so many connections, in bytes.
std::int64_t memory_bytes(const CostProfile& costs, std::int64_t open_connections);

}  // namespace wsfleet
