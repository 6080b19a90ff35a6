// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "loadgen/sessions.h"

namespace wsfleet {
namespace {

std::vector<TimeNs> all_arrivals(const RateFunction& rate, std::uint64_t seed = 1) {
  ArrivalProcess process(rate, RandomStreams(seed));
  std::vector<TimeNs> arrivals;
  for (TimeNs at = process.next(); at != kNever; at = process.next()) arrivals.push_back(at);
  EXPECT_EQ(process.next(), kNever) << "it stays at its end";
  return arrivals;
}

std::vector<double> counts_per(TimeNs cell, const std::vector<TimeNs>& arrivals, TimeNs duration) {
  std::vector<double> counts(static_cast<std::size_t>(duration / cell));
  for (const TimeNs at : arrivals) ++counts[static_cast<std::size_t>(at / cell)];
  return counts;
}

RateFunction constant(double rate, TimeNs duration) {
  ArrivalSettings arrivals;
  arrivals.rate = rate;
  return RateFunction(arrivals, LengthSettings{}, duration);
}

RateFunction flash(TimeNs duration) {
  ArrivalSettings arrivals;
  arrivals.shape = ArrivalShape::flash;
  arrivals.base = 0;
  arrivals.flashes = {{.peak = 200,
                       .start = 10 * kMinute,
                       .rise = 5 * kMinute,
                       .hold = 5 * kMinute,
                       .decay = 20 * kMinute}};
  return RateFunction(arrivals, LengthSettings{}, duration);
}

TEST(ArrivalProcess, IsInOrderAndWithinTheRun) {
  const std::vector<TimeNs> arrivals = all_arrivals(flash(kHour));
  ASSERT_GT(arrivals.size(), 1000U);
  EXPECT_GE(arrivals.front(), 10 * kMinute);
  EXPECT_LT(arrivals.back(), 40 * kMinute);
  for (std::size_t i = 1; i < arrivals.size(); ++i) ASSERT_LE(arrivals[i - 1], arrivals[i]);
}

TEST(ArrivalProcess, ManyAreAsManyAsExpected) {
  const RateFunction rate = flash(kHour);
  const double expected = rate.expected_before(kHour);
  EXPECT_DOUBLE_EQ(expected, 200 * (150 + 300 + 600));
  EXPECT_NEAR(static_cast<double>(all_arrivals(rate).size()), expected, 4 * std::sqrt(expected));
}

TEST(ArrivalProcess, CountsOfDisjointMinutesArePoisson) {
  // Chi square over the minutes of a changing rate: mean = minutes, variance = 2 * minutes.
  const RateFunction rate = flash(kHour);
  double chi_square = 0;
  double cells = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto counts = counts_per(kMinute, all_arrivals(rate, seed), kHour);
    for (std::size_t i = 0; i < counts.size(); ++i) {
      const auto begin = static_cast<TimeNs>(i) * kMinute;
      const double expected = rate.expected_before(begin + kMinute) - rate.expected_before(begin);
      if (expected < 1) {
        EXPECT_EQ(counts[i], 0);
        continue;
      }
      chi_square += (counts[i] - expected) * (counts[i] - expected) / expected;
      ++cells;
    }
  }
  EXPECT_EQ(cells, 20 * 30);
  EXPECT_NEAR(chi_square, cells, 4 * std::sqrt(2 * cells));
}

TEST(ArrivalProcess, ConstantRateHasTheDispersionOfAPoissonProcess) {
  const auto counts = counts_per(kSecond, all_arrivals(constant(20, 3 * kHour)), 3 * kHour);
  double sum = 0;
  double squares = 0;
  for (const double count : counts) {
    sum += count;
    squares += count * count;
  }
  const auto n = static_cast<double>(counts.size());
  const double mean = sum / n;
  const double variance = (squares - n * mean * mean) / (n - 1);
  EXPECT_NEAR(mean, 20, 4 * std::sqrt(20 / n));
  EXPECT_NEAR(variance / mean, 1, 4 * std::sqrt(2 / n));
}

TEST(ArrivalProcess, GapsOfAConstantRateAreExponential) {
  const std::vector<TimeNs> arrivals = all_arrivals(constant(50, kHour));
  double longer = 0;
  for (std::size_t i = 1; i < arrivals.size(); ++i) {
    if (arrivals[i] - arrivals[i - 1] > 40 * kMillisecond) ++longer;  // twice the mean
  }
  const auto n = static_cast<double>(arrivals.size() - 1);
  const double share = std::exp(-2.0);
  EXPECT_NEAR(longer / n, share, 4 * std::sqrt(share * (1 - share) / n));
}

TEST(ArrivalProcess, CumulatedRateAtArrivalsStepsByUnitExponentials) {
  // The definition, turned around: it also holds across jumps and through ramps from and to 0.
  ArrivalSettings settings;
  settings.shape = ArrivalShape::steps;
  settings.steps = {{kSecond, 0.5}, {10 * kSecond, 0}, {20 * kSecond, 40}, {30 * kSecond, 2}};
  for (const RateFunction& rate :
       {RateFunction(settings, LengthSettings{}, kMinute), flash(30 * kMinute)}) {
    const RandomStream steps = RandomStreams(1).stream("loadgen.arrivals");
    double cumulated = 0;
    std::uint64_t draw = 0;
    for (const TimeNs at : all_arrivals(rate)) {
      cumulated += steps.exponential(draw++);
      ASSERT_NEAR(rate.expected_before(at), cumulated, 1e-6) << at;
    }
    EXPECT_GT(draw, 100U);
    EXPECT_GT(cumulated + steps.exponential(draw), rate.expected_before(kHour));
  }
}

TEST(ArrivalProcess, WithoutARateIsOverAtOnce) {
  EXPECT_TRUE(all_arrivals(constant(0, kHour)).empty());
  EXPECT_TRUE(all_arrivals(constant(1, 0)).empty());
}

TEST(ArrivalProcess, SameSeedSameTimesAnotherSeedOthers) {
  const RateFunction rate = constant(10, kMinute);
  EXPECT_EQ(all_arrivals(rate, 3), all_arrivals(rate, 3));
  EXPECT_NE(all_arrivals(rate, 3), all_arrivals(rate, 4));
}

TEST(ArrivalProcess, ALongerRunBeginsWithTheSameArrivals) {
  const std::vector<TimeNs> brief = all_arrivals(constant(10, kMinute));
  const std::vector<TimeNs> lengthy = all_arrivals(constant(10, kHour));
  ASSERT_LT(brief.size(), lengthy.size());
  EXPECT_TRUE(std::equal(brief.begin(), brief.end(), lengthy.begin()));
}

}  // namespace
}  // namespace wsfleet
