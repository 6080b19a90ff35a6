// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the server counts, and its /metrics (Prometheus text format through prometheus-cpp). What
// happens per message is counted by each event loop for itself and added up when somebody asks;
// what happens per connection goes to prometheus-cpp directly. Thread-safe. Names and meanings:
// docs/formats/server.md.

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/time.h"

namespace wsfleet {

/// Written by one thread, read by any: an addition without a locked instruction.
class LoopCounter {
 public:
  void add(std::uint64_t amount) {
    value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  void subtract(std::uint64_t amount) { add(~amount + 1); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

struct LoopCounters {
  LoopCounter messages_received;
  LoopCounter messages_sent;
  LoopCounter received_bytes;  // payload
  LoopCounter sent_bytes;      // payload
  LoopCounter pings_sent;
  LoopCounter send_queue_bytes;  // a level, as of the last ping sweep
};

/// What the server says of itself at the moment of a scrape.
struct ServerLevels {
  std::int64_t connections = 0;
  std::int64_t max_connections = 0;
  bool ready = false;
  bool draining = false;
};

/// What the Redis side counts; zeros where there is none.
struct RedisLevels {
  bool configured = false;
  bool up = false;
  std::uint64_t reconnects = 0;
  std::uint64_t commands = 0;
  std::uint64_t failed_commands = 0;
  std::uint64_t sessions_pending = 0;
  std::uint64_t published = 0;
  std::uint64_t publish_dropped = 0;
  std::uint64_t received = 0;
};

class ServerMetrics {
 public:
  ServerMetrics();
  ~ServerMetrics();

  /// For one event loop; lives as long as this object.
  LoopCounters& add_loop();

  void accepted();
  void refused(std::string_view reason);
  void closed(std::string_view cause, int code);
  void accept_error(std::string_view error);
  void ping_round_trip(TimeNs time);
  void handshake_time(TimeNs time);

  std::string text(const ServerLevels& levels, const RedisLevels& redis);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace wsfleet
