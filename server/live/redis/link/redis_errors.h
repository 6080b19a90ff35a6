// SPDX-License-Identifier: Apache-2.0
#pragma once
// What to do about the errors that Redis answers. Pure.

#include <string>
#include <string_view>

#include "server/live/redis/link/redis_counters.h"

namespace wsfleet {

/// "NOAUTH Authentication required.": the event redis_refused with the text and its remedy; for
/// what ends by itself (LOADING, a refused connection) redis_unavailable.
RedisEvent explain_redis_error(std::string_view error);

/// `text` with each `secret` in it as "***": Redis repeats the arguments of commands it does not
/// know.
std::string without_secret(std::string_view text, std::string_view secret);

}  // namespace wsfleet
