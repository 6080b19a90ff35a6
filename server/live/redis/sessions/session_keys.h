// SPDX-License-Identifier: Apache-2.0
#pragma once
// The keys of the open sessions, kept as they should be: written when a session opens, refreshed
// within their life, removed when it closes, and all written again after Redis was away. Commands
// are pipelined through a bounded window. All calls on the thread of the io_context.
//
// Each open session is in exactly one place: to_write_, on its way, or refresh_. What is found
// there and is not open any more is skipped.

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "server/live/redis/link/redis_counters.h"
#include "server/live/redis/link/redis_link.h"
#include "server/live/redis/sessions/session_id.h"

namespace wsfleet {

class SessionKeys {
 public:
  SessionKeys(boost::asio::io_context& io, RedisLink& link, const RedisSettings& settings,
              const std::string& pod_id, RedisCounters& counters, RedisEventHandler tell);

  void opened(std::string_view session_id);
  void closed(std::string_view session_id);
  std::size_t open() const { return open_.size(); }

  // From the link.
  void link_ready();
  void link_lost();

  /// Removes all keys; `stopped` gets how many may be left, at the latest after stop_timeout.
  void stop(std::function<void(std::size_t left)> stopped);

 private:
  struct Session {
    bool written = false;  // Redis has said so, since the link is ready
    bool sent = false;     // there may be a key
  };
  struct Refresh {
    SessionId id;
    TimeNs due;
  };

  void pump();
  bool send_deletes();
  bool send_write();
  void write_answered(const SessionId& id, const RedisAnswer& answer);
  void deletes_answered(const std::vector<SessionId>& ids, const RedisAnswer& answer);
  void refused(std::string_view error);
  void refresh();
  void delete_later(const SessionId& id);
  void set_written(Session& session, bool written);
  void update_pending();
  void finish_stop();

  RedisLink& link_;
  const RedisSettings& settings_;
  RedisCounters& counters_;
  RedisEventHandler tell_;
  std::string value_end_;  // of a key's JSON value, after the session's id
  std::string life_unit_;
  std::string life_;
  LoopTimer refresh_timer_;
  LoopTimer pump_timer_;
  LoopTimer hold_timer_;  // armed: Redis refused a write, wait a little
  LoopTimer stop_timer_;

  std::unordered_map<SessionId, Session> open_;
  std::size_t written_ = 0;
  std::deque<SessionId> to_write_;
  std::deque<Refresh> refresh_;  // in order of time
  std::deque<SessionId> deletes_;
  std::size_t deletes_on_the_way_ = 0;
  std::size_t on_the_way_ = 0;  // commands
  int refusals_ = 0;            // in a row
  TimeNs restoring_since_ = 0;  // 0: not restoring
  std::size_t restored_deletes_ = 0;
  bool was_lost_ = false;
  std::function<void(std::size_t)> stopped_;
  bool stopping_ = false;
};

}  // namespace wsfleet
