// SPDX-License-Identifier: Apache-2.0
#pragma once
// The sessions that a workload and a seed stand for: when each wants to start, how long it stays,
// from which address, in which room, how long it waits before it tries again. Everything is a
// function of (seed, serial, attempt), so policies, worlds and processes meet the very same
// clients. Pure.

#include <cstdint>
#include <optional>

#include "core/random.h"
#include "core/time.h"
#include "loadgen/arrivals/rate_function.h"
#include "loadgen/workload.h"

namespace wsfleet {

/// A non-homogeneous Poisson process: unit-exponential steps through the cumulated rate, inverted
/// segment by segment. Source: Cinlar's inversion method.
class ArrivalProcess {
 public:
  ArrivalProcess(const RateFunction& rate, RandomStreams streams);
  /// The next intended start, never before the last one and before the rate function's end; kNever
  /// from then on. `rate` must outlive the process.
  TimeNs next();

 private:
  const RateFunction* rate_;
  RandomStream steps_;
  std::uint64_t draws_ = 0;
  std::size_t segment_ = 0;
  double position_s_ = 0;  // seconds into the segment
};

/// A heavy tail ends here, so that adding a length to a time of a run can't overflow.
inline constexpr TimeNs kLongestSession = 100 * 365 * 24 * kHour;

/// The serial of the `index`-th session (from 0) that is there at t = 0 (start = "steady"): far
/// above those of the arrivals, which count from 0.
constexpr std::uint64_t initial_serial(std::uint64_t index) {
  return (std::uint64_t{1} << 48) + index;
}

class SessionModel {
 public:
  SessionModel(const WorkloadSettings& workload, RandomStreams streams);

  /// Connected time of a session that arrives (serial counts from 0 in order of arrival). Whole
  /// microseconds, at least one of them and at most kLongestSession; the residual likewise.
  TimeNs length(std::uint64_t serial) const;
  /// What is left of a session that is there already at t = 0 (start = "steady"), drawn from the
  /// stationary residual: uniform(0,1) of a length-biased length. `index` counts from 0.
  TimeNs residual(std::uint64_t index) const;
  /// How many there are at t = 0 in the stationary state: Poisson(rate * mean length).
  std::int64_t stationary_population(double rate) const;
  /// 0 .. source_addresses - 1, or the serial itself when each session has its own.
  std::uint64_t source_address(std::uint64_t serial) const;
  /// 0 .. rooms - 1, or the serial itself when each session has a room of its own.
  std::uint64_t room(std::uint64_t serial) const;
  /// The share of lengths that exceed `time` (for peak_concurrent and the demand).
  static double survival(const LengthSettings& length, TimeNs time);

 private:
  LengthSettings settings_;
  std::int64_t source_addresses_;
  std::int64_t rooms_;
  RandomStream length_;
  RandomStream residual_;
  RandomStream source_;
  RandomStream room_;
  RandomStream population_;
  double scale_s_;     // exponential, fixed: the mean; lognormal: the median; pareto: the minimum
  double tail_power_;  // pareto: -1 / alpha
};

/// How long a session waits before attempt n + 1, after its n-th attempt in a row (n from 1) did
/// not open or, with n = 0, after it was cut. Absent: it gives up, at once with policy `none`, with
/// the others once `max_attempts` attempts in a row did not open. So max_attempts = 6 is a first
/// try and five retries. `attempts_so_far` counts all that the session has made in its life: it
/// numbers the draw of the jitter, so that the waits of a second outage are new ones.
///   fixed: base.  exponential: min(cap, base * 2^k).  full_jitter: uniform(0, min(cap, base *
///   2^k)), k = max(0, n - 1). Source: M. Brooker, "Exponential Backoff And Jitter" (2015).
class ReconnectModel {
 public:
  ReconnectModel(const ReconnectSettings& settings, RandomStreams streams);
  std::optional<TimeNs> delay(std::uint64_t serial, std::uint32_t failed_in_a_row,
                              std::uint32_t attempts_so_far) const;

 private:
  ReconnectSettings settings_;
  RandomStream jitter_;
};

}  // namespace wsfleet
