// SPDX-License-Identifier: Apache-2.0
#include "server/live/redis/link/redis_errors.h"

#include <fmt/format.h>

#include <array>

namespace wsfleet {
namespace {

struct Remedy {
  std::string_view start;  // of Redis' error
  std::string_view event;
  std::string_view what_to_do;
};

constexpr std::string_view kRefused = "redis_refused";
constexpr std::string_view kUnavailable = "redis_unavailable";

constexpr std::array kRemedies = {
    Remedy{"NOAUTH", kRefused,
           "it asks for a password: give it in the address (redis://:password@host) or in "
           "WSFLEET_REDIS_PASSWORD"},
    Remedy{"WRONGPASS", kRefused,
           "user or password is wrong: compare them with its requirepass or ACL"},
    Remedy{"ERR invalid password", kRefused,
           "the password is wrong: compare it with its requirepass"},
    Remedy{"ERR AUTH <password> called without", kRefused,
           "it has no password: leave it out of the address, or set requirepass there"},
    Remedy{"ERR Client sent AUTH, but no password", kRefused,
           "it has no password: leave it out of the address, or set requirepass there"},
    Remedy{"ERR wrong number of arguments for 'auth'", kRefused,
           "it is older than Redis 6 and knows no users: leave the user out of the address"},
    Remedy{"ERR DB index", kRefused,
           "it has no such database: give one below its setting `databases` (16 by default)"},
    Remedy{"ERR invalid DB index", kRefused,
           "it has no such database: give one below its setting `databases` (16 by default)"},
    Remedy{"ERR SELECT is not allowed in cluster", kRefused,
           "a Redis cluster has database 0 only: leave the database out of the address"},
    Remedy{"NOPERM", kRefused,
           "the user needs SET, DEL, PING, SELECT, PUBLISH, SUBSCRIBE and UNSUBSCRIBE on the keys "
           "and channels websocket:*"},
    Remedy{"DENIED", kRefused, "its protected mode lets in its own machine only: set a password"},
    Remedy{"READONLY", kRefused, "it is a replica: give the address of the primary"},
    Remedy{"MOVED", kRefused, "it is a node of a Redis cluster, which is not supported"},
    Remedy{"OOM", kRefused, "it is out of memory: raise its maxmemory"},
    Remedy{"MISCONF", kRefused, "it can't save to its disk and takes no writes: see its log"},
    Remedy{"ERR max number of clients", kRefused, "it has too many clients: raise its maxclients"},
    Remedy{"LOADING", kUnavailable, "it is loading its data; nothing to do but wait"},
    Remedy{"MASTERDOWN", kUnavailable, "it is a replica without its primary"},
};

}  // namespace

RedisEvent explain_redis_error(std::string_view error) {
  for (const Remedy& remedy : kRemedies) {
    if (!error.starts_with(remedy.start)) continue;
    const LogLevel level = remedy.event == kRefused ? LogLevel::error : LogLevel::warning;
    return {level, remedy.event, fmt::format("{} ({})", remedy.what_to_do, error)};
  }
  return {LogLevel::warning, kUnavailable, std::string(error)};
}

std::string without_secret(std::string_view text, std::string_view secret) {
  std::string clean(text);
  if (secret.empty()) return clean;
  constexpr std::string_view kStars = "***";
  for (std::size_t at = clean.find(secret); at != std::string::npos;
       at = clean.find(secret, at + kStars.size())) {
    clean.replace(at, secret.size(), kStars);
  }
  return clean;
}

}  // namespace wsfleet
