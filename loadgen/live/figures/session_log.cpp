// SPDX-License-Identifier: Apache-2.0
#include "loadgen/live/figures/session_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <tuple>

namespace wsfleet {
namespace {

/// Nothing for kNever; nanoseconds are kept.
std::string seconds(TimeNs time) {
  if (time == kNever) return "";
  const TimeNs size = time < 0 ? -time : time;
  return fmt::format("{}{}.{:09}", time < 0 ? "-" : "", size / kSecond, size % kSecond);
}

}  // namespace

std::string session_log_csv(std::vector<SessionLogEntry> entries) {
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
    return std::tie(a.intended, a.serial) < std::tie(b.intended, b.serial);
  });
  std::string text = "serial,intended_start_s,length_s,source,first_attempt_s,opened_s,attempts\n";
  for (const SessionLogEntry& entry : entries) {
    fmt::format_to(std::back_inserter(text), "{},{},{},{},{},{},{}\n", entry.serial,
                   seconds(entry.intended), seconds(entry.length), entry.source,
                   seconds(entry.first_attempt), seconds(entry.opened), entry.attempts);
  }
  return text;
}

}  // namespace wsfleet
