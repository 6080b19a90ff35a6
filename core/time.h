// SPDX-License-Identifier: Apache-2.0
#pragma once
// Time as the project counts it: int64 nanoseconds since the start of a run (t = 0 when the initial
// pods are ready). Values only: a run's clock is the seam's (seam.h), the machine's is in
// live_clock.h. Thread-safe: no state.

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

namespace wsfleet {

/// A point in time or a span of it, in nanoseconds.
using TimeNs = std::int64_t;

inline constexpr TimeNs kMicrosecond = 1'000;
inline constexpr TimeNs kMillisecond = 1'000'000;
inline constexpr TimeNs kSecond = 1'000'000'000;
inline constexpr TimeNs kMinute = 60 * kSecond;
inline constexpr TimeNs kHour = 3600 * kSecond;

/// Never: later than any time that a run can reach.
inline constexpr TimeNs kNever = INT64_MAX;

constexpr double to_seconds(TimeNs time) { return static_cast<double>(time) / 1e9; }

/// Seconds to the nearest nanosecond; beyond the range of int64 it saturates at kNever or -kNever.
/// NaN gives kNever.
TimeNs from_seconds(double seconds);

/// Rounds to whole microseconds, so that a last-bit difference of log or exp between processors
/// decides nothing.
TimeNs from_seconds_rounded(double seconds);

/// "90s", "1h30m", "250ms", "2.5s", "1d": units ns, us, ms, s, m, h, d, in any number of parts.
/// Never negative. An Error names what is wrong ("'5 parsecs' is not a duration ...").
Result<TimeNs> parse_duration(std::string_view text);

/// The shortest exact form that parse_duration reads back: "1h30m", "250ms", "0s". kNever, which
/// it does not read, is "never".
std::string format_duration(TimeNs time);

/// For people: at most two units, "1h 02m", "3m 20s", "41.5s".
std::string format_duration_short(TimeNs time);

}  // namespace wsfleet
