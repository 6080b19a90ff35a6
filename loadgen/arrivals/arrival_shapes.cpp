// SPDX-License-Identifier: Apache-2.0
#include "loadgen/arrivals/arrival_shapes.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace wsfleet {
namespace {

constexpr TimeNs kPointsPerPeriod = 1440;  // a minute of a day
constexpr TimeNs kMostPoints = 1'000'000;

double rate_within(const RateSegment& piece, TimeNs time) {
  const double share =
      static_cast<double>(time - piece.begin) / static_cast<double>(piece.end - piece.begin);
  return std::lerp(piece.begin_rate, piece.end_rate, share);
}

/// Takes the pieces of a curve in order of time, cuts them to [0, duration) and fills the gaps
/// between them with a rate of 0.
class Curve {
 public:
  explicit Curve(TimeNs duration) : duration_(duration) {}

  void add(const RateSegment& piece) {
    const TimeNs begin = std::max(piece.begin, end_);
    const TimeNs end = std::min(piece.end, duration_);
    if (begin >= end) return;
    fill_until(begin);
    segments_.push_back({begin, end, rate_within(piece, begin), rate_within(piece, end)});
    end_ = end;
  }

  std::vector<RateSegment> finish() {
    fill_until(duration_);
    return std::move(segments_);
  }

 private:
  void fill_until(TimeNs time) {
    if (time > end_) segments_.push_back({end_, time, 0, 0});
    end_ = std::max(end_, time);
  }

  TimeNs duration_;
  TimeNs end_ = 0;
  std::vector<RateSegment> segments_;
};

std::vector<RateSegment> constant(const ArrivalSettings& arrivals, TimeNs duration) {
  Curve curve(duration);
  curve.add({0, duration, arrivals.rate, arrivals.rate});
  return curve.finish();
}

std::vector<RateSegment> steps(const ArrivalSettings& arrivals, TimeNs duration) {
  Curve curve(duration);
  for (std::size_t i = 0; i < arrivals.steps.size(); ++i) {
    const auto& [at, rate] = arrivals.steps[i];
    const bool last = i + 1 == arrivals.steps.size();
    curve.add({at, last ? kNever : arrivals.steps[i + 1].at, rate, rate});
  }
  return curve.finish();
}

double diurnal_rate(const ArrivalSettings& arrivals, TimeNs time) {
  const double turns = static_cast<double>((time - arrivals.peak_at) % arrivals.period) /
                       static_cast<double>(arrivals.period);
  const double wave = arrivals.swing * std::cos(2 * std::numbers::pi * turns);
  return std::max(0.0, arrivals.mean * (1 + wave));
}

// Between points `step` apart a chord is off by at most (2 pi step / period)^2 / 8 of the swing:
// 2.4e-6 at 1,440 points a period.
std::vector<RateSegment> diurnal(const ArrivalSettings& arrivals, TimeNs duration) {
  const TimeNs fine = std::min(kMinute, arrivals.period / kPointsPerPeriod);
  const TimeNs step = std::max({TimeNs{1}, fine, duration / kMostPoints});
  Curve curve(duration);
  for (TimeNs begin = 0; begin < duration; begin += step) {
    const TimeNs end = begin + step;
    curve.add({begin, end, diurnal_rate(arrivals, begin), diurnal_rate(arrivals, end)});
  }
  return curve.finish();
}

TimeNs later(TimeNs time, TimeNs by) { return time > kNever - by ? kNever : time + by; }

/// The four times between which a flash is linear.
struct FlashTimes {
  TimeNs start, top, fall, end;

  explicit FlashTimes(const Flash& flash)
      : start(flash.start),
        top(later(start, flash.rise)),
        fall(later(top, flash.hold)),
        end(later(fall, flash.decay)) {}
};

/// What a flash adds to `base` over [begin, end], which holds none of its times inside.
RateSegment flash_over_base(const Flash& flash, double base, TimeNs begin, TimeNs end) {
  const FlashTimes times(flash);
  const double height = flash.peak - base;
  RateSegment whole{times.start, times.top, 0, height};
  if (begin < times.start || begin >= times.end) return {begin, end, 0, 0};
  if (begin >= times.top) whole = {times.top, times.fall, height, height};
  if (begin >= times.fall) whole = {times.fall, times.end, height, 0};
  return {begin, end, rate_within(whole, begin), rate_within(whole, end)};
}

std::vector<RateSegment> flashes(const ArrivalSettings& arrivals, TimeNs duration) {
  std::vector<TimeNs> points = {0, duration};
  for (const Flash& flash : arrivals.flashes) {
    const FlashTimes times(flash);
    for (const TimeNs time : {times.start, times.top, times.fall, times.end}) {
      if (time > 0 && time < duration) points.push_back(time);
    }
  }
  std::sort(points.begin(), points.end());
  Curve curve(duration);
  for (std::size_t i = 0; i + 1 < points.size(); ++i) {
    RateSegment sum{points[i], points[i + 1], arrivals.base, arrivals.base};
    if (sum.begin == sum.end) continue;
    for (const Flash& flash : arrivals.flashes) {
      const RateSegment added = flash_over_base(flash, arrivals.base, sum.begin, sum.end);
      sum.begin_rate += added.begin_rate;
      sum.end_rate += added.end_rate;
    }
    curve.add(sum);
  }
  return curve.finish();
}

std::vector<RateSegment> trace(const ArrivalSettings& arrivals, TimeNs duration) {
  const std::vector<TraceRow>& rows = arrivals.trace;
  const auto scaled = [&](TimeNs at) {
    const long double seconds = static_cast<long double>(at - rows.front().at) / 1e9L;
    return from_seconds(static_cast<double>(seconds * arrivals.time_scale)) - arrivals.offset;
  };
  Curve curve(duration);
  for (std::size_t i = 0; i < rows.size() && rows.size() > 1; ++i) {
    const bool last = i + 1 == rows.size();
    const TimeNs length = last ? rows[i].at - rows[i - 1].at : rows[i + 1].at - rows[i].at;
    const double rate = rows[i].arrivals / to_seconds(length) * arrivals.rate_scale;
    curve.add({scaled(rows[i].at), scaled(later(rows[i].at, length)), rate, rate});
  }
  return curve.finish();
}

}  // namespace

std::vector<RateSegment> rate_segments(const ArrivalSettings& arrivals, TimeNs duration) {
  switch (arrivals.shape) {
    case ArrivalShape::constant:
      return constant(arrivals, duration);
    case ArrivalShape::steps:
      return steps(arrivals, duration);
    case ArrivalShape::diurnal:
      return diurnal(arrivals, duration);
    case ArrivalShape::flash:
    case ArrivalShape::spikes:
      return flashes(arrivals, duration);
    case ArrivalShape::trace:
      return trace(arrivals, duration);
  }
  return {};
}

}  // namespace wsfleet
