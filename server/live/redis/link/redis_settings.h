// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where Redis is and how it is used. Values only. The password is in here and must get into no log
// line and no error: print place(), never the address as it was given.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/time.h"

namespace wsfleet {

struct RedisSettings {
  std::string host = "127.0.0.1";  // a name or an address; IPv6 without its brackets
  std::uint16_t port = 6379;
  std::string user;      // empty: Redis' default user
  std::string password;  // empty: no AUTH
  int database = 0;      // for keys; pub/sub knows no databases

  TimeNs session_ttl = kMinute;          // at least a second; keys are refreshed three times in it
  TimeNs command_timeout = 5 * kSecond;  // for a connect, for each answer, and how often to ping
  TimeNs back_off_base = 100 * kMillisecond;
  TimeNs back_off_cap = 5 * kSecond;
  TimeNs stop_timeout = 3 * kSecond;  // for removing the keys at the end

  std::string key_prefix = "websocket:connections:";
  std::string channel_prefix = "websocket:rooms:";
  std::string instance_prefix = "websocket:instances:";  // a channel for each running instance

  std::size_t pending_deletes_max = 10'000;             // beyond it the oldest are left to expire
  std::size_t unanswered_bytes_max = 16 * 1024 * 1024;  // beyond it room messages are dropped

  /// "host:port", for messages.
  std::string place() const;
};

/// "redis://[user[:password]@]host[:port][/database]", "redis://:password@host"; user and password
/// percent-decoded. An error (usage) says where it went wrong and what to write, and repeats no
/// part of the text: a password may be anywhere in a mistaken address.
Result<RedisSettings> parse_redis_url(std::string_view text);

/// The wait before the attempt after `failures` failed ones: base * 2^failures, at most the cap, of
/// which `bits` decide the upper half, so that a fleet does not come back in step.
TimeNs redis_back_off(const RedisSettings& settings, int failures, std::uint64_t bits);

}  // namespace wsfleet
