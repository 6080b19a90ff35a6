// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the Redis side counts and tells. The counters are written by the thread of the io_context
// and may be read by any; events come on the io_context's thread.

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "core/log.h"

namespace wsfleet {

struct RedisCounters {
  std::atomic<bool> up{false};                       // both connections are ready
  std::atomic<std::uint64_t> reconnects{0};          // connections made after a loss
  std::atomic<std::uint64_t> commands{0};            // answered without an error
  std::atomic<std::uint64_t> commands_failed{0};     // answered by an error, or never
  std::atomic<std::uint64_t> sessions_pending{0};    // keys still to be written or removed
  std::atomic<std::uint64_t> deletes_given_up{0};    // keys left to expire: too many at once
  std::atomic<std::uint64_t> published{0};           // room messages that Redis took
  std::atomic<std::uint64_t> publish_dropped{0};     // those that it did not: it was away
  std::atomic<std::uint64_t> received{0};            // room messages of other instances
  std::atomic<std::uint64_t> received_malformed{0};  // what was no message of ours, ignored
};

/// For a log line. The message has the reason and, where there is one, the remedy; no password.
///   redis_connected       ready, and after how long away
///   redis_lost            it was ready
///   redis_unavailable     an attempt failed: nobody there, still loading, no answer
///   redis_refused         password, user, database, rights: somebody has to change something
///   redis_command_failed  a key was not written; it is tried again
///   redis_restored        after a loss: all keys are those of the open sessions again
///   redis_stopped         the end, and how many keys were left to expire
///   redis_bad_session     a session without a UUID, which gets no key
struct RedisEvent {
  LogLevel level = LogLevel::info;
  std::string_view event;
  std::string message;
};

using RedisEventHandler = std::function<void(const RedisEvent&)>;

}  // namespace wsfleet
