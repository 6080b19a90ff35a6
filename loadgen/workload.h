// SPDX-License-Identifier: Apache-2.0
#pragma once
// The `[workload]` section as values: what clients do, in both worlds. Read by workload_section.h;
// turned into sessions by sessions.h. Plain data.

#include <cstdint>
#include <string>
#include <vector>

#include "core/time.h"

namespace wsfleet {

/// A flash: `base` always; from `start` linearly to `peak` within `rise`, `hold`, back in `decay`.
struct Flash {
  double peak = 0;  // sessions per second
  TimeNs start = 0;
  TimeNs rise = 0;
  TimeNs hold = 0;
  TimeNs decay = 0;
};

struct RateStep {
  TimeNs at = 0;
  double rate = 0;
};

/// One row of a trace: `arrivals` sessions between `at` and the next row.
struct TraceRow {
  TimeNs at = 0;
  double arrivals = 0;
};

enum class ArrivalShape { constant, steps, diurnal, flash, spikes, trace };

/// Rates are absolute totals, in sessions per second.
struct ArrivalSettings {
  ArrivalShape shape = ArrivalShape::constant;
  double rate = 1.0;            // constant
  std::vector<RateStep> steps;  // steps
  double mean = 1.0;            // diurnal: mean * (1 + swing * cos(2 pi (t - peak_at) / period))
  double swing = 0.0;           // a fraction of the mean, 0..1
  TimeNs period = 24 * kHour;
  TimeNs peak_at = 0;
  double base = 0.0;            // flash and spikes
  std::vector<Flash> flashes;   // flash: one; spikes: any number, their heights over base add up
  std::vector<TraceRow> trace;  // trace: as in the file, before scaling
  double rate_scale = 1.0;
  double time_scale = 1.0;       // 2.0: twice as long, at the same rates
  TimeNs offset = 0;             // skips the first part of the (scaled) trace
  double peak_concurrent = 0.0;  // > 0: rate_scale is chosen so that this many are expected at most
};

enum class LengthDistribution { exponential, lognormal, pareto, fixed };

/// Connected time of a session.
struct LengthSettings {
  LengthDistribution distribution = LengthDistribution::exponential;
  TimeNs mean = 10 * kMinute;
  double sigma = 1.0;  // lognormal: of the logarithm
  double alpha = 2.5;  // pareto: tail index, over 1
};

enum class ReconnectKind { none, fixed, exponential, full_jitter };

struct ReconnectSettings {
  ReconnectKind kind = ReconnectKind::full_jitter;
  TimeNs base = kSecond;  // fixed: the delay itself
  TimeNs cap = 30 * kSecond;
  int max_attempts = 20;  // in a row without success; then the session is lost
  TimeNs connect_timeout = 10 * kSecond;
};

struct WorkloadSettings {
  ArrivalSettings arrivals;
  LengthSettings length;
  double messages_per_second = 0.0;  // per open session
  std::int64_t message_bytes = 100;
  std::int64_t rooms = 0;  // sessions spread over so many by chance; 0: each has its own
  ReconnectSettings reconnect;
  std::int64_t source_addresses = 0;  // sessions share this many addresses; 0: each has its own
};

}  // namespace wsfleet
