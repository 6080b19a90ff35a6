// SPDX-License-Identifier: Apache-2.0
#include "loadgen/session_lengths.h"

#include <gtest/gtest.h>

#include <cmath>

namespace wsfleet {
namespace {

LengthSettings lengths(LengthDistribution distribution) {
  LengthSettings length;
  length.distribution = distribution;
  length.mean = 100 * kSecond;
  length.sigma = 0.8;
  length.alpha = 2.5;
  return length;
}

constexpr LengthDistribution kAll[] = {LengthDistribution::exponential,
                                       LengthDistribution::lognormal, LengthDistribution::pareto,
                                       LengthDistribution::fixed};

TEST(SessionLengths, SurvivalAtHandComputedPoints) {
  EXPECT_DOUBLE_EQ(survival(lengths(LengthDistribution::exponential), 200), std::exp(-2.0));
  // The median of a lognormal is exp(mu) = mean * exp(-sigma^2 / 2); one sigma above, 15.87 %.
  const double median = 100 * std::exp(-0.32);
  EXPECT_NEAR(survival(lengths(LengthDistribution::lognormal), median), 0.5, 1e-12);
  EXPECT_NEAR(survival(lengths(LengthDistribution::lognormal), median * std::exp(0.8)),
              0.15865525393, 1e-9);
  // The minimum is 100 * 1.5 / 2.5 = 60.
  EXPECT_DOUBLE_EQ(pareto_minimum(lengths(LengthDistribution::pareto)), 60);
  EXPECT_EQ(survival(lengths(LengthDistribution::pareto), 59), 1);
  EXPECT_DOUBLE_EQ(survival(lengths(LengthDistribution::pareto), 240), std::pow(0.25, 2.5));
  EXPECT_EQ(survival(lengths(LengthDistribution::fixed), 99.9), 1);
  EXPECT_EQ(survival(lengths(LengthDistribution::fixed), 100), 0);
}

TEST(SessionLengths, EverySessionOutlivesNoTime) {
  for (const LengthDistribution distribution : kAll) {
    EXPECT_EQ(survival(lengths(distribution), 0), 1);
    EXPECT_EQ(limited_mean(lengths(distribution), 0), 0);
    EXPECT_EQ(limited_mean(lengths(distribution), -5), 0);
  }
}

TEST(SessionLengths, LimitedMeanIsTheIntegralOfSurvival) {
  for (const LengthDistribution distribution : kAll) {
    const LengthSettings length = lengths(distribution);
    double integral = 0;
    const double step = 0.01;
    for (int i = 0; i < 40000; ++i) {
      integral += step * survival(length, (i + 0.5) * step);
      if (i % 4000 == 3999) {
        EXPECT_NEAR(limited_mean(length, (i + 1) * step), integral, 0.01);
      }
    }
  }
}

TEST(SessionLengths, LimitedMeanTendsToTheMean) {
  for (const LengthDistribution distribution : kAll) {
    EXPECT_NEAR(limited_mean(lengths(distribution), 1e9), 100, 1e-6);
  }
}

}  // namespace
}  // namespace wsfleet
