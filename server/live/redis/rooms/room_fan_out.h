// SPDX-License-Identifier: Apache-2.0
#pragma once
// Rooms across instances by Redis' pub/sub: this instance subscribes to the channels of the rooms
// that have members here, and hears what others publish there. Nothing is kept while Redis is away:
// messages reach the members of this instance only, which the server sees to itself. All calls on
// the thread of the io_context.

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "server/live/redis/link/redis_counters.h"
#include "server/live/redis/link/redis_link.h"
#include "server/live/redis/sessions/session_id.h"

namespace wsfleet {

/// Of another instance; valid during the call.
using RoomMessageHandler =
    std::function<void(std::string_view room, std::string_view payload, bool is_text)>;

class RoomFanOut {
 public:
  RoomFanOut(boost::asio::io_context& io, RedisLink& commands, RedisLink& subscriber,
             const RedisSettings& settings, const SessionId& instance, RedisCounters& counters,
             RoomMessageHandler deliver);

  /// Counted: a room is subscribed to while more have joined than left. Any bytes make a name.
  void join(std::string_view room);
  void leave(std::string_view room);
  void publish(std::string_view room, std::string_view payload, bool is_text);

  // From the subscriber's link.
  void link_ready();
  void link_lost();
  void message(std::string_view channel, std::string_view bytes);

 private:
  struct Room {
    std::size_t members = 0;
    bool subscribed = false;  // asked for on this connection
    bool changed = false;     // in changed_
  };

  void change(const std::string& name, Room& room);
  void flush();
  void send(bool subscribe, std::vector<std::string>& channels);

  RedisLink& commands_;
  RedisLink& subscriber_;
  const RedisSettings& settings_;
  SessionId instance_;
  RedisCounters& counters_;
  RoomMessageHandler deliver_;
  LoopTimer flush_timer_;
  std::unordered_map<std::string, Room> rooms_;
  std::vector<std::string> changed_;
};

}  // namespace wsfleet
