// SPDX-License-Identifier: Apache-2.0
#pragma once
// A RedisBackend with its own loop for this folder's tests: what it told and heard is kept, and the
// loop runs until something is so.

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/live/entropy.h"
#include "core/live/live_clock.h"
#include "server/live/redis/redis_backend.h"
#include "server/live/redis/testing/redis_server.h"

namespace wsfleet {

/// False when it did not come about within the deadline.
inline bool run_until(boost::asio::io_context& io, const std::function<bool()>& condition,
                      TimeNs deadline = 60 * kSecond) {
  const TimeNs end = monotonic_now() + deadline;
  const auto work = boost::asio::make_work_guard(io);
  while (!condition()) {
    if (monotonic_now() > end) return false;
    io.restart();
    io.run_for(std::chrono::milliseconds(5));
  }
  return true;
}

/// Short times, so that outages are noticed and ended soon.
inline RedisSettings quick_settings(const std::string& url) {
  RedisSettings settings = parse_redis_url(url).value();
  settings.command_timeout = 2 * kSecond;
  settings.back_off_base = 20 * kMillisecond;
  settings.back_off_cap = 100 * kMillisecond;
  return settings;
}

struct HeardMessage {
  std::string room;
  std::string payload;
  bool is_text = false;
  bool operator==(const HeardMessage&) const = default;
};

class TestBackend {
 public:
  TestBackend(boost::asio::io_context& loop, const RedisSettings& settings,
              const std::string& pod = "websocket-0")
      : io(loop), backend(loop, settings, pod, handlers()) {
    backend.start();
  }
  explicit TestBackend(boost::asio::io_context& loop, const RedisServer& server)
      : TestBackend(loop, quick_settings(server.url())) {}

  bool up() const { return counters().up; }
  bool wait_up() {
    return run_until(io, [this] { return up(); });
  }
  bool wait_down() {
    return run_until(io, [this] { return !up(); });
  }
  /// Every key is written or removed.
  bool wait_settled() {
    return run_until(io, [this] { return up() && counters().sessions_pending == 0; });
  }
  std::vector<std::string> open(int count) {
    std::vector<std::string> ids;
    for (int i = 0; i < count; ++i) {
      ids.push_back(random_uuid());
      backend.opened(ids.back());
    }
    return ids;
  }
  bool stop() {
    bool done = false;
    backend.stop([&done] { done = true; });
    return run_until(io, [&done] { return done; });
  }
  const RedisCounters& counters() const { return backend.counters(); }
  /// The messages of the events with this word.
  std::vector<std::string> told(std::string_view event) const {
    std::vector<std::string> messages;
    for (const auto& [word, message] : events) {
      if (word == event) messages.push_back(message);
    }
    return messages;
  }

  std::vector<std::pair<std::string, std::string>> events;
  std::vector<HeardMessage> heard;
  boost::asio::io_context& io;
  RedisBackend backend;

 private:
  RedisBackend::Handlers handlers() {
    RedisBackend::Handlers all;
    all.event = [this](const RedisEvent& event) {
      events.emplace_back(event.event, event.message);
    };
    all.room_message = [this](std::string_view room, std::string_view payload, bool is_text) {
      heard.push_back({std::string(room), std::string(payload), is_text});
    };
    return all;
  }
};

/// The keys that these sessions should have, sorted.
inline std::vector<std::string> keys_of(const std::vector<std::string>& ids) {
  std::vector<std::string> keys;
  for (const std::string& id : ids) keys.push_back("websocket:connections:" + id);
  std::sort(keys.begin(), keys.end());
  return keys;
}

}  // namespace wsfleet
