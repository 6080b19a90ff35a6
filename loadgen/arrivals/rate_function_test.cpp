// SPDX-License-Identifier: Apache-2.0
#include "loadgen/arrivals/rate_function.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace wsfleet {
namespace {

RateFunction make(const ArrivalSettings& arrivals, TimeNs duration = kHour) {
  return RateFunction(arrivals, LengthSettings{}, duration);
}

/// What every rate function promises, whatever its shape.
void expect_contiguous(const RateFunction& rate, TimeNs duration) {
  ASSERT_FALSE(rate.segments().empty());
  EXPECT_EQ(rate.segments().front().begin, 0);
  EXPECT_EQ(rate.segments().back().end, duration);
  for (std::size_t i = 0; i < rate.segments().size(); ++i) {
    const RateSegment& segment = rate.segments()[i];
    EXPECT_LT(segment.begin, segment.end) << i;
    EXPECT_GE(segment.begin_rate, 0) << i;
    EXPECT_GE(segment.end_rate, 0) << i;
    if (i > 0) {
      EXPECT_EQ(rate.segments()[i - 1].end, segment.begin) << i;
    }
  }
}

ArrivalSettings one_flash() {
  ArrivalSettings arrivals;
  arrivals.shape = ArrivalShape::flash;
  arrivals.base = 1;
  arrivals.flashes = {{.peak = 41,
                       .start = 10 * kMinute,
                       .rise = 2 * kMinute,
                       .hold = 3 * kMinute,
                       .decay = 10 * kMinute}};
  return arrivals;
}

ArrivalSettings three_rows() {
  ArrivalSettings arrivals;
  arrivals.shape = ArrivalShape::trace;
  arrivals.trace = {{60 * kSecond, 120}, {120 * kSecond, 30}, {150 * kSecond, 60}};
  return arrivals;
}

TEST(RateFunction, ConstantIsOneSegment) {
  ArrivalSettings arrivals;
  arrivals.rate = 2.5;
  const RateFunction rate = make(arrivals);
  expect_contiguous(rate, kHour);
  EXPECT_EQ(rate.segments().size(), 1U);
  EXPECT_EQ(rate.rate_at(0), 2.5);
  EXPECT_EQ(rate.rate_at(kHour - 1), 2.5);
  EXPECT_DOUBLE_EQ(rate.expected_before(10 * kMinute), 1500);
  EXPECT_DOUBLE_EQ(rate.expected_before(kHour), 9000);
}

TEST(RateFunction, IsZeroOutsideOfTheRun) {
  const RateFunction rate = make({});
  EXPECT_EQ(rate.rate_at(-1), 0);
  EXPECT_EQ(rate.rate_at(kHour), 0);
  EXPECT_EQ(rate.expected_before(-kSecond), 0);
  EXPECT_DOUBLE_EQ(rate.expected_before(2 * kHour), 3600);
  EXPECT_EQ(make({}, 0).rate_at(0), 0);
  EXPECT_EQ(make({}, 0).expected_before(kSecond), 0);
}

TEST(RateFunction, StepsJumpAndTheLastOneStays) {
  ArrivalSettings arrivals;
  arrivals.shape = ArrivalShape::steps;
  arrivals.steps = {{kMinute, 2}, {3 * kMinute, 0}, {4 * kMinute, 10}, {2 * kHour, 99}};
  const RateFunction rate = make(arrivals, 10 * kMinute);
  expect_contiguous(rate, 10 * kMinute);
  EXPECT_EQ(rate.rate_at(kMinute - 1), 0);  // before the first step
  EXPECT_EQ(rate.rate_at(kMinute), 2);
  EXPECT_EQ(rate.rate_at(3 * kMinute - 1), 2);
  EXPECT_EQ(rate.rate_at(3 * kMinute), 0);
  EXPECT_EQ(rate.rate_at(10 * kMinute - 1), 10);
  EXPECT_DOUBLE_EQ(rate.expected_before(2 * kMinute), 120);
  EXPECT_DOUBLE_EQ(rate.expected_before(10 * kMinute), 240 + 3600);
}

TEST(RateFunction, FlashRisesHoldsAndDecaysLinearly) {
  const RateFunction rate = make(one_flash());
  expect_contiguous(rate, kHour);
  EXPECT_DOUBLE_EQ(rate.rate_at(0), 1);
  EXPECT_DOUBLE_EQ(rate.rate_at(10 * kMinute), 1);
  EXPECT_DOUBLE_EQ(rate.rate_at(11 * kMinute), 21);
  EXPECT_DOUBLE_EQ(rate.rate_at(12 * kMinute), 41);
  EXPECT_DOUBLE_EQ(rate.rate_at(14 * kMinute), 41);
  EXPECT_DOUBLE_EQ(rate.rate_at(20 * kMinute), 21);
  EXPECT_DOUBLE_EQ(rate.rate_at(25 * kMinute), 1);
  EXPECT_DOUBLE_EQ(rate.rate_at(50 * kMinute), 1);
  // base 600; rise (1 + 41) / 2 * 120; hold 41 * 180; decay 21 * 600
  EXPECT_DOUBLE_EQ(rate.expected_before(25 * kMinute), 600 + 2520 + 7380 + 12600);
}

TEST(RateFunction, FlashThatTheRunEndsInIsCutNotSqueezed) {
  const RateFunction rate = make(one_flash(), 11 * kMinute);
  expect_contiguous(rate, 11 * kMinute);
  EXPECT_NEAR(rate.rate_at(11 * kMinute - 1), 21, 1e-6);
  EXPECT_DOUBLE_EQ(rate.expected_before(11 * kMinute), 600 + 11 * 60);
}

TEST(RateFunction, FlashWithoutARiseJumps) {
  ArrivalSettings arrivals = one_flash();
  arrivals.flashes[0].rise = 0;
  arrivals.flashes[0].decay = 0;
  const RateFunction rate = make(arrivals);
  expect_contiguous(rate, kHour);
  EXPECT_EQ(rate.rate_at(10 * kMinute - 1), 1);
  EXPECT_EQ(rate.rate_at(10 * kMinute), 41);
  EXPECT_EQ(rate.rate_at(13 * kMinute - 1), 41);
  EXPECT_EQ(rate.rate_at(13 * kMinute), 1);
}

TEST(RateFunction, SpikesAddUpTheirHeightsOverTheBase) {
  ArrivalSettings arrivals;
  arrivals.shape = ArrivalShape::spikes;
  arrivals.base = 2;
  // A hold from 10 to 20 minutes 3 over the base, a triangle from 14 to 18 minutes 8 over it.
  arrivals.flashes = {
      {.peak = 5, .start = 10 * kMinute, .hold = 10 * kMinute},
      {.peak = 10, .start = 14 * kMinute, .rise = 2 * kMinute, .decay = 2 * kMinute}};
  const RateFunction rate = make(arrivals);
  expect_contiguous(rate, kHour);
  EXPECT_DOUBLE_EQ(rate.rate_at(5 * kMinute), 2);
  EXPECT_DOUBLE_EQ(rate.rate_at(12 * kMinute), 5);
  EXPECT_DOUBLE_EQ(rate.rate_at(15 * kMinute), 2 + 3 + 4);
  EXPECT_DOUBLE_EQ(rate.rate_at(16 * kMinute), 2 + 3 + 8);
  EXPECT_DOUBLE_EQ(rate.rate_at(19 * kMinute), 5);
  EXPECT_DOUBLE_EQ(rate.rate_at(20 * kMinute), 2);
  EXPECT_DOUBLE_EQ(rate.expected_before(kHour), 2 * 3600 + 3 * 600 + 8 * 120);
}

TEST(RateFunction, FlashesOfEndlessLengthDoNotOverflow) {
  ArrivalSettings arrivals = one_flash();
  arrivals.flashes[0].hold = kNever - kSecond;
  arrivals.flashes[0].decay = kNever - kSecond;
  const RateFunction rate = make(arrivals);
  expect_contiguous(rate, kHour);
  EXPECT_DOUBLE_EQ(rate.rate_at(59 * kMinute), 41);
}

TEST(RateFunction, DiurnalFollowsTheCosine) {
  ArrivalSettings arrivals;
  arrivals.shape = ArrivalShape::diurnal;
  arrivals.mean = 100;
  arrivals.swing = 0.3;
  arrivals.peak_at = 20 * kHour;
  const RateFunction rate = make(arrivals, 48 * kHour);
  expect_contiguous(rate, 48 * kHour);
  EXPECT_DOUBLE_EQ(rate.rate_at(20 * kHour), 130);
  EXPECT_DOUBLE_EQ(rate.rate_at(44 * kHour), 130);
  EXPECT_DOUBLE_EQ(rate.rate_at(8 * kHour), 70);
  EXPECT_NEAR(rate.rate_at(14 * kHour), 100, 1e-9);
  EXPECT_NEAR(rate.expected_before(24 * kHour), 100 * 86400, 1e-3);
}

TEST(RateFunction, DiurnalIsOffByLessThanItsHeaderSays) {
  for (const TimeNs period : {kMinute, kHour, 24 * kHour, 7 * 24 * kHour}) {
    ArrivalSettings arrivals;
    arrivals.shape = ArrivalShape::diurnal;
    arrivals.mean = 10;
    arrivals.swing = 1;
    arrivals.period = period;
    const RateFunction rate = make(arrivals, 2 * kHour);
    for (TimeNs time = 0; time < 2 * kHour; time += 7'777'777'777) {
      const double turns = to_seconds(time) / to_seconds(period);
      const double exact = 10 * (1 + std::cos(2 * std::numbers::pi * turns));
      ASSERT_NEAR(rate.rate_at(time), exact, 10 * 1e-5) << format_duration(period) << " " << time;
    }
  }
}

TEST(RateFunction, TraceSpreadsEachCountUntilTheNextRow) {
  const RateFunction rate = make(three_rows());
  expect_contiguous(rate, kHour);
  EXPECT_DOUBLE_EQ(rate.rate_at(0), 2);  // time counts from the first row
  EXPECT_DOUBLE_EQ(rate.rate_at(60 * kSecond - 1), 2);
  EXPECT_DOUBLE_EQ(rate.rate_at(60 * kSecond), 1);
  EXPECT_DOUBLE_EQ(rate.rate_at(90 * kSecond), 2);
  EXPECT_DOUBLE_EQ(rate.rate_at(120 * kSecond - 1), 2);  // as long as the row before: 30 s
  EXPECT_DOUBLE_EQ(rate.rate_at(120 * kSecond), 0);
  EXPECT_DOUBLE_EQ(rate.expected_before(kHour), 120 + 30 + 60);
}

TEST(RateFunction, TimeScaleStretchesAtTheSameRates) {
  ArrivalSettings arrivals = three_rows();
  arrivals.time_scale = 2;
  const RateFunction rate = make(arrivals);
  expect_contiguous(rate, kHour);
  EXPECT_DOUBLE_EQ(rate.rate_at(119 * kSecond), 2);
  EXPECT_DOUBLE_EQ(rate.rate_at(121 * kSecond), 1);
  EXPECT_DOUBLE_EQ(rate.rate_at(239 * kSecond), 2);
  EXPECT_DOUBLE_EQ(rate.rate_at(241 * kSecond), 0);
  EXPECT_DOUBLE_EQ(rate.expected_before(kHour), 2 * 210);
}

TEST(RateFunction, OffsetSkipsPartOfTheScaledTrace) {
  ArrivalSettings arrivals = three_rows();
  arrivals.time_scale = 2;
  arrivals.rate_scale = 10;
  arrivals.offset = 100 * kSecond;
  const RateFunction rate = make(arrivals, 90 * kSecond);
  expect_contiguous(rate, 90 * kSecond);
  EXPECT_DOUBLE_EQ(rate.rate_at(0), 20);
  EXPECT_DOUBLE_EQ(rate.rate_at(20 * kSecond), 10);
  EXPECT_DOUBLE_EQ(rate.rate_at(80 * kSecond), 20);
  EXPECT_DOUBLE_EQ(rate.expected_before(90 * kSecond), 20 * 20 + 10 * 60 + 20 * 10);
}

}  // namespace
}  // namespace wsfleet
