// SPDX-License-Identifier: Apache-2.0
// The numerics against printed tables (NIST/SEMATECH e-Handbook, table of critical values of
// Student's t) and closed forms, the tests against worked examples.
#include "results/compare/statistics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "results/compare/student_t.h"
#include "results/unknown.h"

namespace wsfleet {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(StudentT, QuantilesMatchThePrintedTable) {
  struct Entry {
    double degrees, p, t;
  };
  for (const Entry& entry :
       {Entry{1, 0.975, 12.706}, Entry{1, 0.995, 63.657}, Entry{2, 0.975, 4.303},
        Entry{2, 0.95, 2.920}, Entry{3, 0.975, 3.182}, Entry{4, 0.90, 1.533},
        Entry{4, 0.975, 2.776}, Entry{5, 0.99, 3.365}, Entry{9, 0.975, 2.262},
        Entry{9, 0.995, 3.250}, Entry{10, 0.999, 4.144}, Entry{19, 0.975, 2.093},
        Entry{29, 0.95, 1.699}, Entry{29, 0.975, 2.045}, Entry{60, 0.975, 2.000},
        Entry{100, 0.975, 1.984}, Entry{100, 0.999, 3.174}}) {
    EXPECT_NEAR(student_t_quantile(entry.p, entry.degrees), entry.t, 0.0005)
        << entry.degrees << " " << entry.p;
    EXPECT_NEAR(student_t_quantile(1 - entry.p, entry.degrees), -entry.t, 0.0005);
  }
  EXPECT_EQ(student_t_quantile(0.5, 7), 0);
  // The normal distribution is its limit.
  EXPECT_NEAR(student_t_quantile(0.975, 1e7), 1.959964, 1e-6);
}

TEST(StudentT, MatchesTheClosedFormsOfOneAndTwoDegrees) {
  for (const double t : {-30.0, -2.0, -0.1, 0.0, 0.7, 5.0, 1e4}) {
    EXPECT_NEAR(student_t_cdf(t, 1), 0.5 + std::atan(t) / std::numbers::pi, 1e-14) << t;
    EXPECT_NEAR(student_t_cdf(t, 2), 0.5 + t / (2 * std::sqrt(2 + t * t)), 1e-14) << t;
  }
  // Far out, where 1 - cdf has no digits left: 2 (1 - cdf) ~ 2 / (pi t) for one degree.
  EXPECT_NEAR(student_t_two_sided(1e12, 1) * std::numbers::pi * 1e12 / 2, 1, 1e-9);
  EXPECT_EQ(student_t_two_sided(kInfinity, 3), 0);
}

TEST(StudentT, IncompleteBetaMatchesClosedForms) {
  EXPECT_NEAR(incomplete_beta(0.3, 1, 1), 0.3, 1e-15);
  EXPECT_NEAR(incomplete_beta(0.3, 2, 1), 0.09, 1e-15);
  EXPECT_NEAR(incomplete_beta(0.3, 1, 3), 1 - std::pow(0.7, 3), 1e-15);
  // I_x(2, 3) = x^2 (6 - 8x + 3x^2).
  EXPECT_NEAR(incomplete_beta(0.8, 2, 3), 0.64 * (6 - 6.4 + 1.92), 1e-14);
  EXPECT_EQ(incomplete_beta(0, 2, 3), 0);
  EXPECT_EQ(incomplete_beta(1, 2, 3), 1);
}

TEST(Estimate, MeanSampleDeviationAndInterval) {
  const std::vector<double> values{2, 4, 4, 6};  // mean 4, sd sqrt(8/3)
  const Estimate of = estimate(values);
  EXPECT_EQ(of.values, 4);
  EXPECT_DOUBLE_EQ(of.mean, 4);
  EXPECT_DOUBLE_EQ(of.sd, std::sqrt(8.0 / 3));
  EXPECT_NEAR(of.half_width, 3.18245 * std::sqrt(8.0 / 3) / 2, 1e-5);
}

TEST(Estimate, InfiniteAndMissingValuesAreCountedNotAveraged) {
  const std::vector<double> values{1, kInfinity, 3, kNaN};
  const Estimate of = estimate(values);
  EXPECT_EQ(of.values, 2);
  EXPECT_EQ(of.infinite, 1);
  EXPECT_EQ(of.missing, 1);
  EXPECT_EQ(of.mean, 2);
  EXPECT_TRUE(std::isnan(estimate(std::vector<double>{5}).half_width));
  EXPECT_TRUE(std::isnan(estimate({}).mean));
}

// Student's own example (Biometrika 1908): extra hours of sleep under two soporifics.
TEST(PairedDifference, StudentsSleepData) {
  const std::vector<double> first{0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0};
  const std::vector<double> second{1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4};
  const Difference of = paired_difference(first, second);
  EXPECT_EQ(of.test, TestKind::paired_t);
  EXPECT_NEAR(of.mean, 1.58, 1e-12);
  EXPECT_NEAR(of.p_value, 0.002833, 1e-6);  // t = 4.0621, 9 degrees
  EXPECT_NEAR(of.half_width, (2.459886 - 0.7001142) / 2, 1e-6);
  EXPECT_EQ(of.pairs, 10);
  EXPECT_EQ(of.higher, 9);
  EXPECT_EQ(of.lower, 0);
  EXPECT_EQ(of.direction(), 1);
  // The same two columns as unpaired samples: t = 1.8608 on 17.776 degrees.
  const Difference unpaired = unpaired_difference(first, second);
  EXPECT_EQ(unpaired.test, TestKind::welch_t);
  EXPECT_NEAR(unpaired.p_value, 0.07939, 1e-5);
  EXPECT_NEAR(unpaired.mean, 1.58, 1e-12);
}

TEST(PairedDifference, OnePairClaimsNothing) {
  Difference of = paired_difference(std::vector<double>{1}, std::vector<double>{100});
  Difference* family[] = {&of};
  decide_significance(family);
  EXPECT_EQ(of.test, TestKind::none);
  EXPECT_EQ(of.mean, 99);
  EXPECT_TRUE(std::isnan(of.half_width));
  EXPECT_FALSE(of.significant);
}

TEST(PairedDifference, TheSameDifferenceInEverySeedIsExact) {
  const auto claim = [](std::vector<double> first, std::vector<double> second) {
    Difference of = paired_difference(first, second);
    Difference* family[] = {&of};
    decide_significance(family);
    return of;
  };
  const Difference equal = claim({1, 2, 3}, {1, 2, 3});
  EXPECT_EQ(equal.test, TestKind::exact);
  EXPECT_EQ(equal.mean, 0);
  EXPECT_EQ(equal.p_value, 1);
  EXPECT_FALSE(equal.significant);
  const Difference shifted = claim({1, 2, 3}, {3, 4, 5});
  EXPECT_EQ(shifted.test, TestKind::exact);
  EXPECT_EQ(shifted.mean, 2);
  EXPECT_EQ(shifted.half_width, 0);
  EXPECT_TRUE(shifted.significant);
  EXPECT_FALSE(claim({1, 2}, {3, 4}).significant);  // two pairs are too few to say so
  // Rounding in the last bits makes no difference.
  const Difference rounding = claim({0.3, 0.6, 0.9}, {0.1 + 0.2, 0.2 + 0.4, 0.3 + 0.6});
  EXPECT_EQ(rounding.mean, 0);
  EXPECT_EQ(rounding.higher + rounding.lower, 0);
}

TEST(PairedDifference, InfiniteValuesLeaveTheSignTest) {
  const std::vector<double> first{1, 2, 3, kInfinity, 5, 6, kNaN};
  const std::vector<double> second{kInfinity, 3, 4, kInfinity, kInfinity, 7, 1};
  const Difference of = paired_difference(first, second);
  EXPECT_EQ(of.test, TestKind::sign);
  EXPECT_EQ(of.pairs, 6);   // the NaN is no pair
  EXPECT_EQ(of.higher, 5);  // and both never is a tie
  EXPECT_EQ(of.lower, 0);
  EXPECT_DOUBLE_EQ(of.p_value, 2.0 / 32);
  EXPECT_EQ(of.mean, 1);  // of the three finite pairs
  EXPECT_EQ(of.direction(), 1);
}

TEST(SignTest, MatchesTheBinomial) {
  EXPECT_DOUBLE_EQ(sign_test(8, 2), 2.0 * (1 + 10 + 45) / 1024);
  EXPECT_DOUBLE_EQ(sign_test(10, 0), 2.0 / 1024);
  EXPECT_DOUBLE_EQ(sign_test(2, 2), 1);
  EXPECT_DOUBLE_EQ(sign_test(0, 0), 1);
}

TEST(Holm, AdjustsStepByStep) {
  // 4 * 0.01; 3 * 0.02 = 0.06; 2 * 0.03 = 0.06; 0.04 is raised to the one before.
  const std::vector<double> p{0.03, 0.01, 0.04, 0.02};
  EXPECT_THAT(holm_adjusted(p), ElementsAre(DoubleNear(0.06, 1e-12), DoubleNear(0.04, 1e-12),
                                            DoubleNear(0.06, 1e-12), DoubleNear(0.06, 1e-12)));
  EXPECT_THAT(holm_adjusted(std::vector<double>{0.6, 0.9}), ElementsAre(1, 1));
  EXPECT_TRUE(holm_adjusted({}).empty());
}

TEST(Holm, ADifferenceWithoutATestIsNotInTheFamily) {
  Difference tested{.test = TestKind::paired_t, .pairs = 5, .p_value = 0.04};
  Difference untested;
  Difference* family[] = {&tested, &untested};
  decide_significance(family);
  EXPECT_TRUE(tested.significant);  // 0.04 * 1
  Difference second{.test = TestKind::paired_t, .pairs = 5, .p_value = 0.5};
  Difference* larger[] = {&tested, &second};
  decide_significance(larger);
  EXPECT_FALSE(tested.significant);  // 0.04 * 2
  EXPECT_DOUBLE_EQ(tested.p_adjusted, 0.08);
}

TEST(UnpairedDifference, NeedsTwoFiniteValuesOnBothSides) {
  EXPECT_EQ(unpaired_difference(std::vector<double>{1}, std::vector<double>{2, 3}).test,
            TestKind::none);
  EXPECT_EQ(
      unpaired_difference(std::vector<double>{1, kInfinity, 2}, std::vector<double>{2, 3}).test,
      TestKind::none);
}

}  // namespace
}  // namespace wsfleet
