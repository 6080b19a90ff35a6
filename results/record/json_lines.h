// SPDX-License-Identifier: Apache-2.0
#pragma once
// NDJSON lines of decisions and events, written by hand: a day of a thousand pods has millions of
// pod observations. The same format as core/seam/observation.h has it; a test compares both. Pure.

#include <cstdint>
#include <string>
#include <string_view>

#include "core/seam/observation.h"
#include "core/seam/run_record.h"

namespace wsfleet {

/// The shortest text that reads back as the same number; "null" for infinities and NaN.
void append_number(std::string& out, double value);
void append_number(std::string& out, std::int64_t value);
/// As run.json has hashes and digests: "0x" and sixteen digits.
std::string hex_text(std::uint64_t value);
/// Quoted and escaped. Bytes that are no UTF-8 become U+FFFD.
void append_string(std::string& out, std::string_view text);

/// decision_record() of core/seam/observation.h, so that a recorded line is also an input line of
/// `wsfleet decide`; with a newline.
void append_decision_line(std::string& out, const Observation& observation,
                          const Decision& decision);
void append_event_line(std::string& out, const FleetEvent& event);

}  // namespace wsfleet
