// SPDX-License-Identifier: Apache-2.0
#pragma once
// One connection to Redis that comes back by itself: connect, AUTH, SELECT, PING, then ready; pings
// when idle; lost when an answer is overdue; then again after a back-off. A link either takes
// commands or, given a channel of its own, subscribes. All calls on the thread of the io_context;
// handlers are called there and must not destroy the link's owner.

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"
#include "server/live/redis/link/host_lookup.h"
#include "server/live/redis/link/loop_timer.h"
#include "server/live/redis/link/redis_counters.h"
#include "server/live/redis/link/redis_settings.h"

struct redisAsyncContext;

namespace wsfleet {

struct RedisAnswer {
  enum class Kind { ok, error, lost };
  Kind kind = Kind::lost;
  std::string_view text;  // of an error or a status; valid during the call
  bool ok() const { return kind == Kind::ok; }
};

class RedisLink : public std::enable_shared_from_this<RedisLink> {
 public:
  /// Called once for each command that was taken. After `lost` no new command is taken until ready.
  using Answered = std::function<void(const RedisAnswer&)>;

  struct Handlers {
    std::function<void()> ready;
    std::function<void(const std::string& reason)> lost;    // it was ready
    std::function<void(const std::string& reason)> failed;  // an attempt to connect
    std::function<void(std::string_view channel, std::string_view payload)> message;
  };

  /// With `own_channel` the link subscribes to it at once and always: with none hiredis leaves the
  /// subscribed mode, and subscribing again is the ping of that mode.
  RedisLink(boost::asio::io_context& io, const RedisSettings& settings, RedisCounters& counters,
            std::string own_channel, Handlers handlers);

  void start();
  /// For good, without calling anything any more. The owner must do so before it goes.
  void close();

  bool ready() const { return ready_; }
  bool command(const std::vector<std::string_view>& words, Answered answered);
  bool subscribe(const std::vector<std::string>& channels) { return change("SUBSCRIBE", channels); }
  bool unsubscribe(const std::vector<std::string>& channels) {
    return change("UNSUBSCRIBE", channels);
  }
  /// Of commands that wait for their answer.
  std::size_t unanswered_bytes() const { return unanswered_bytes_; }

 private:
  struct Pending;
  struct Callbacks;

  void connect();
  void open(const std::string& address);
  void greet();
  void become_ready();
  void end(const std::string& reason);
  void ended(const std::string& reason);
  void tick();
  void ping();
  bool change(std::string_view verb, const std::vector<std::string>& channels);
  bool send(const std::vector<std::string_view>& words, Answered answered);
  void expect(std::size_t answers, std::size_t bytes);
  void pushed(std::string_view kind, std::string_view channel, std::string_view payload);
  bool subscriber() const { return !own_channel_.empty(); }

  boost::asio::io_context& io_;
  const RedisSettings& settings_;
  RedisCounters& counters_;
  std::string own_channel_;
  Handlers handlers_;
  HostLookup lookup_;
  LoopTimer retry_timer_;
  LoopTimer tick_timer_;
  redisAsyncContext* context_ = nullptr;  // hiredis owns it
  bool ready_ = false;
  bool connecting_ = false;
  bool closed_ = false;
  bool was_ready_before_ = false;
  int failures_ = 0;
  std::size_t attempts_ = 0;
  std::size_t unanswered_ = 0;
  std::size_t unanswered_bytes_ = 0;
  TimeNs attempt_began_ = 0;
  TimeNs ready_since_ = 0;
  TimeNs last_answer_ = 0;  // or the first command after an idle time
  TimeNs last_tick_ = 0;
};

}  // namespace wsfleet
