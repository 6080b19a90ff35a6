// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "loadgen/sessions.h"

namespace wsfleet {
namespace {

/// How long after a moment with rate `rate` the expected number of arrivals reaches `step`, when
/// the rate changes by `slope` per second: the root of rate * t + slope * t^2 / 2 = step, in the
/// form that loses no digits where the slope is small.
double time_for(double step, double rate, double slope) {
  const double root = std::sqrt(std::max(0.0, rate * rate + 2 * slope * step));
  const double divisor = rate + root;
  return divisor > 0 ? 2 * step / divisor : 0;
}

}  // namespace

ArrivalProcess::ArrivalProcess(const RateFunction& rate, RandomStreams streams)
    : rate_(&rate), steps_(streams.stream("loadgen.arrivals")) {}

TimeNs ArrivalProcess::next() {
  const std::vector<RateSegment>& segments = rate_->segments();
  double step = steps_.exponential(draws_++);
  for (; segment_ < segments.size(); ++segment_, position_s_ = 0) {
    const RateSegment& segment = segments[segment_];
    const double length_s = to_seconds(segment.end - segment.begin);
    const double slope = (segment.end_rate - segment.begin_rate) / length_s;
    const double rate = segment.begin_rate + slope * position_s_;
    const double left = 0.5 * (rate + segment.end_rate) * (length_s - position_s_);
    if (step < left) {
      position_s_ = std::min(length_s, position_s_ + time_for(step, rate, slope));
      const auto into = static_cast<TimeNs>(position_s_ * 1e9);
      return std::min(segment.begin + into, segment.end - 1);
    }
    step -= std::max(0.0, left);
  }
  return kNever;
}

}  // namespace wsfleet
