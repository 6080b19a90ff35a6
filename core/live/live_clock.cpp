// SPDX-License-Identifier: Apache-2.0
#include "core/live/live_clock.h"

#include <fmt/format.h>

#include <ctime>

namespace wsfleet {
namespace {

TimeNs read(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<TimeNs>(now.tv_sec) * kSecond + now.tv_nsec;
}

}  // namespace

TimeNs monotonic_now() { return read(CLOCK_MONOTONIC); }

TimeNs wall_now() { return read(CLOCK_REALTIME); }

std::string format_utc(TimeNs since_1970) {
  const auto seconds = static_cast<std::time_t>(since_1970 / kSecond);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900,
                     parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                     since_1970 % kSecond / kMillisecond);
}

}  // namespace wsfleet
