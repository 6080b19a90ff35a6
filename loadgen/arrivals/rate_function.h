// SPDX-License-Identifier: Apache-2.0
#pragma once
// Every arrival shape as one thing: a piecewise linear rate over time. A diurnal curve has a
// breakpoint a minute (it is off by less than 1e-5 of its swing then); steps and traces jump. The
// shapes themselves are in arrival_shapes.cpp. Pure and immutable once built.

#include <vector>

#include "core/result.h"
#include "core/time.h"
#include "loadgen/workload.h"

namespace wsfleet {

/// From `begin` to `end` the rate goes linearly from `begin_rate` to `end_rate` (sessions/s).
struct RateSegment {
  TimeNs begin = 0;
  TimeNs end = 0;
  double begin_rate = 0;
  double end_rate = 0;
};

class RateFunction {
 public:
  /// Covers [0, duration); segments are contiguous and none has a length of zero.
  RateFunction(const ArrivalSettings& arrivals, const LengthSettings& length, TimeNs duration);

  const std::vector<RateSegment>& segments() const { return segments_; }
  /// Sessions per second; 0 outside [0, duration).
  double rate_at(TimeNs time) const;
  /// Expected number of arrivals in [0, time).
  double expected_before(TimeNs time) const;

 private:
  void index();

  std::vector<RateSegment> segments_;
  std::vector<double> expected_;  // before each segment
};

/// Reads a trace: a header `time_s,arrivals`, then two rows or more of a strictly increasing time
/// and a non-negative count. The error's message has one line for each of the first mistakes, and
/// each starts with the file's path, most with its line too: "day.csv:3: ...".
Result<std::vector<TraceRow>> read_trace(const std::string& path);

}  // namespace wsfleet
