// SPDX-License-Identifier: Apache-2.0
#include "results/compare/baseline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "results/testing/sample_runs.h"

namespace wsfleet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Violation grows by `worse` in every seed, a little more in later ones; the first seed is `from`.
std::vector<RunSummary> runs(double worse, std::uint64_t from = 1, std::uint64_t count = 6,
                             const std::string& policy = "hpa") {
  std::vector<RunSummary> result;
  for (std::uint64_t seed = from; seed < from + count; ++seed) {
    const double luck = static_cast<double>(seed * 7 % 5);
    result.push_back(run_with(policy, seed,
                              {{"violation_s", 20 + luck + worse * (1 + 0.01 * luck)},
                               {"jain_index_mean", 0.9 - 0.0001 * luck - worse / 100},
                               {"ready_replicas_mean", 5 + worse}}));
  }
  return result;
}

TEST(Baseline, TheSameRunsAreNoWorse) {
  const BaselineResult result = compare_with_baseline(runs(0), runs(0));
  EXPECT_EQ(result.compared, 1);
  EXPECT_TRUE(result.worse.empty());
  EXPECT_TRUE(result.better.empty());
  EXPECT_TRUE(result.notices.empty());
  EXPECT_EQ(baseline_text(result), "No score is significantly worse than in the baseline.\n");
}

TEST(Baseline, ASignificantlyWorseScoreIsFoundInItsDirection) {
  const BaselineResult result = compare_with_baseline(runs(10), runs(0));
  ASSERT_EQ(result.worse.size(), 2u);
  EXPECT_EQ(result.worse[0].score, "violation_s");      // lower is better
  EXPECT_EQ(result.worse[1].score, "jain_index_mean");  // higher is better, and it fell
  EXPECT_EQ(result.worse[0].difference.test, TestKind::paired_t);
  EXPECT_NEAR(result.worse[0].difference.mean, 10.2, 0.1);
  EXPECT_THAT(baseline_text(result), HasSubstr("hpa: violation_s 2"));
  EXPECT_THAT(baseline_text(result), HasSubstr("(6 of 6 seeds)"));
  const BaselineResult reverse = compare_with_baseline(runs(0), runs(10));
  EXPECT_TRUE(reverse.worse.empty());
  EXPECT_EQ(reverse.better.size(), 2u);
}

TEST(Baseline, OtherSeedsAreComparedUnpaired) {
  const BaselineResult result = compare_with_baseline(runs(10, 101), runs(0));
  ASSERT_EQ(result.worse.size(), 2u);
  EXPECT_EQ(result.worse[0].difference.test, TestKind::welch_t);
  EXPECT_TRUE(compare_with_baseline(runs(0, 101), runs(0)).worse.empty());
}

TEST(Baseline, WhatIsMissingAndTooFewSeedsAreSaid) {
  const BaselineResult missing = compare_with_baseline(runs(0, 1, 6, "kpa"), runs(0));
  EXPECT_EQ(missing.compared, 0);
  EXPECT_THAT(missing.notices, ElementsAre("kpa on flash-crowd is not in the baseline"));
  const BaselineResult few = compare_with_baseline(runs(10, 1, 1), runs(0, 1, 1));
  EXPECT_TRUE(few.worse.empty());
  EXPECT_THAT(few.notices, ElementsAre(HasSubstr("fewer than three seeds")));
}

}  // namespace
}  // namespace wsfleet
