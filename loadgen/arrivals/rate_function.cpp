// SPDX-License-Identifier: Apache-2.0
#include "loadgen/arrivals/rate_function.h"

#include <algorithm>
#include <cmath>

#include "loadgen/arrivals/arrival_shapes.h"
#include "loadgen/arrivals/concurrency.h"

namespace wsfleet {
namespace {

double rate_in(const RateSegment& segment, TimeNs time) {
  const double share =
      static_cast<double>(time - segment.begin) / static_cast<double>(segment.end - segment.begin);
  return std::lerp(segment.begin_rate, segment.end_rate, share);
}

double expected_in(const RateSegment& segment, TimeNs until) {
  const double mean_rate = 0.5 * (segment.begin_rate + rate_in(segment, until));
  return mean_rate * to_seconds(until - segment.begin);
}

}  // namespace

RateFunction::RateFunction(const ArrivalSettings& arrivals, const LengthSettings& length,
                           TimeNs duration)
    : segments_(rate_segments(arrivals, duration)) {
  index();
  if (arrivals.shape != ArrivalShape::trace || arrivals.peak_concurrent <= 0) return;
  const double peak = expected_concurrent_peak(*this, length);
  if (peak <= 0) return;  // the window has no arrivals: no factor helps
  // As a float, so that a last-bit difference between processors does not move arrivals.
  const auto scale = static_cast<double>(static_cast<float>(arrivals.peak_concurrent / peak));
  for (RateSegment& segment : segments_) {
    segment.begin_rate *= scale;
    segment.end_rate *= scale;
  }
  index();
}

void RateFunction::index() {
  expected_.clear();
  expected_.reserve(segments_.size());
  double expected = 0;
  for (const RateSegment& segment : segments_) {
    expected_.push_back(expected);
    expected += expected_in(segment, segment.end);
  }
}

double RateFunction::rate_at(TimeNs time) const {
  if (segments_.empty() || time < 0 || time >= segments_.back().end) return 0;
  const auto after =
      std::upper_bound(segments_.begin(), segments_.end(), time,
                       [](TimeNs at, const RateSegment& segment) { return at < segment.begin; });
  return rate_in(*std::prev(after), time);
}

double RateFunction::expected_before(TimeNs time) const {
  if (segments_.empty() || time <= 0) return 0;
  const auto after =
      std::upper_bound(segments_.begin(), segments_.end(), time,
                       [](TimeNs at, const RateSegment& segment) { return at < segment.begin; });
  const auto segment = std::prev(after);
  const TimeNs until = std::min(time, segment->end);
  return expected_[static_cast<std::size_t>(segment - segments_.begin())] +
         expected_in(*segment, until);
}

}  // namespace wsfleet
