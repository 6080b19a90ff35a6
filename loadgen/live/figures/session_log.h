// SPDX-License-Identifier: Apache-2.0
#pragma once
// `--session-log`: what became of every session, a line of CSV each, for those who want to hold a
// live run against its plan. docs/formats/loadgen.md describes the columns. Pure.

#include <cstdint>
#include <string>
#include <vector>

#include "core/time.h"

namespace wsfleet {

struct SessionLogEntry {
  std::uint64_t serial = 0;
  TimeNs intended = 0;     // 0 for sessions of start = "steady"
  TimeNs length = kNever;  // of connected time; kNever: to the end
  std::uint64_t source = 0;
  TimeNs first_attempt = kNever;
  TimeNs opened = kNever;  // kNever: it never did
  std::uint32_t attempts = 0;
};

/// A header and a row per session in order of intended start and serial.
std::string session_log_csv(std::vector<SessionLogEntry> entries);

}  // namespace wsfleet
