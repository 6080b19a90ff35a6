// SPDX-License-Identifier: Apache-2.0
#pragma once
// Sessions and rooms of one server in Redis, over two connections: one for commands, one that
// listens. Redis away is no error: everything goes on without it and is restored when it is back.
// All calls, and all calls of its handlers, on the thread that runs the io_context; counters() may
// be read by any thread. It must not be destroyed inside one of its handlers except `done` of
// stop(), and not after the io_context.
//
//   auto settings = parse_redis_url("redis://:password@127.0.0.1:6379/0");
//   RedisBackend redis(io, *settings, pod_name, {.event = log_it, .room_message = deliver});
//   redis.start();
//   redis.opened(random_uuid());
//   redis.stop([&] { io.stop(); });

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "server/live/redis/link/redis_counters.h"
#include "server/live/redis/link/redis_settings.h"

namespace boost::asio {
class io_context;
}

namespace wsfleet {

class RedisBackend {
 public:
  struct Handlers {
    RedisEventHandler event;
    /// A message that another instance published in a room that has been joined here; the views are
    /// valid during the call.
    std::function<void(std::string_view room, std::string_view payload, bool is_text)> room_message;
  };

  /// Sets SIGPIPE to be ignored in this process, unless it is handled: hiredis would raise it.
  RedisBackend(boost::asio::io_context& io, RedisSettings settings, std::string pod_id,
               Handlers handlers);
  ~RedisBackend();
  RedisBackend(const RedisBackend&) = delete;
  RedisBackend& operator=(const RedisBackend&) = delete;

  /// Connects, and keeps doing so.
  void start();

  /// The session's key is there from now on until closed(). The id is a UUID as random_uuid()
  /// (core/live/entropy.h) writes it.
  void opened(std::string_view session_id);
  void closed(std::string_view session_id);

  /// Counted: a room's messages are heard while more have joined than left. Any bytes make a name.
  void join(std::string_view room);
  void leave(std::string_view room);
  /// To the other instances; members of this one are the caller's business.
  void publish(std::string_view room, std::string_view payload, bool is_text);

  /// Removes the keys of the sessions that are left, disconnects and calls `done` from the loop:
  /// within settings.stop_timeout, at once when Redis is away. Once.
  void stop(std::function<void()> done);

  const RedisCounters& counters() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace wsfleet
