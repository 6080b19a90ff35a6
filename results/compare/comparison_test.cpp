// SPDX-License-Identifier: Apache-2.0
#include "results/compare/comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "results/testing/sample_runs.h"

namespace wsfleet {
namespace {

using ::testing::ElementsAre;

std::vector<RunSummary> compared_runs() {
  std::vector<RunSummary> result;
  for (const std::uint64_t seed : {1, 2, 3, 4, 5}) {
    const double wobble = 0.1 * static_cast<double>(seed);
    result.push_back(run_with("original", seed,
                              {{"violation_s", 100 + 3 * wobble},
                               {"pod_hours", 10 + wobble},
                               {"ready_replicas_mean", 5 + wobble}}));
    result.push_back(run_with("hpa", seed,
                              {{"violation_s", 50 + wobble},
                               {"pod_hours", 10 + (seed % 2 == 0 ? 1 : -1) * wobble},
                               {"ready_replicas_mean", 9 - wobble}}));
  }
  return result;
}

TEST(Comparison, GroupsRunsAndPairsThemBySeed) {
  const Comparison comparison = build_comparison(compared_runs());
  ASSERT_EQ(comparison.scenarios.size(), 1u);
  const ScenarioComparison& scenario = comparison.scenarios[0];
  EXPECT_THAT(scenario.scores, ElementsAre("violation_s", "pod_hours", "ready_replicas_mean"));
  ASSERT_EQ(scenario.policies.size(), 2u);
  EXPECT_EQ(scenario.policies[1].policy, "hpa");
  EXPECT_THAT(scenario.policies[1].seeds, ElementsAre(1, 2, 3, 4, 5));

  const ScoreCell& violation = *scenario.cell(1, "violation_s");
  EXPECT_NEAR(violation.estimate.mean, 50.3, 1e-9);
  EXPECT_NEAR(violation.difference.mean, -50.6, 1e-9);
  EXPECT_EQ(violation.difference.test, TestKind::paired_t);
  EXPECT_EQ(violation.difference.agreeing(), 5);
  EXPECT_TRUE(violation.difference.significant);
  EXPECT_FALSE(scenario.cell(1, "pod_hours")->difference.significant);
  // Neither direction is better, so no claim is made, however large the difference.
  EXPECT_FALSE(scenario.cell(1, "ready_replicas_mean")->difference.significant);
  EXPECT_EQ(scenario.cell(0, "violation_s")->difference.test, TestKind::none);
  EXPECT_EQ(scenario.cell(1, "no_such_score"), nullptr);
  EXPECT_EQ(scenario.cell(2, "violation_s"), nullptr);
}

TEST(Comparison, HolmCountsTheScoresWithADirection) {
  const ScenarioComparison scenario = build_comparison(compared_runs()).scenarios[0];
  const Difference& violation = scenario.cell(1, "violation_s")->difference;
  EXPECT_DOUBLE_EQ(violation.p_adjusted, 2 * violation.p_value);  // of violation_s and pod_hours
}

TEST(Comparison, TheOrderInWhichRunsEndDoesNotMatter) {
  const std::vector<RunSummary> in_order = compared_runs();
  // The policies keep their places, the seeds come backwards.
  std::vector<RunSummary> shuffled;
  for (std::size_t i = in_order.size(); i >= 2; i -= 2) {
    shuffled.push_back(in_order[i - 2]);
    shuffled.push_back(in_order[i - 1]);
  }
  EXPECT_EQ(to_json(build_comparison(shuffled), {}), to_json(build_comparison(in_order), {}));
}

TEST(Comparison, StoppedRunsAndSeedsWithoutAPartnerAreLeftOutOfPairs) {
  std::vector<RunSummary> some = compared_runs();
  some[3].stopped = true;  // hpa, seed 2
  const ScenarioComparison scenario = build_comparison(some).scenarios[0];
  EXPECT_THAT(scenario.policies[1].seeds, ElementsAre(1, 3, 4, 5));
  EXPECT_EQ(scenario.cell(1, "violation_s")->difference.pairs, 4);
  EXPECT_EQ(scenario.cell(0, "violation_s")->estimate.values, 5);
}

TEST(Comparison, ScenariosAreComparedApart) {
  std::vector<RunSummary> two = compared_runs();
  two.push_back(run_with("hpa", 1, {{"violation_s", 1}}, "steady"));
  const Comparison comparison = build_comparison(two);
  ASSERT_EQ(comparison.scenarios.size(), 2u);
  EXPECT_EQ(comparison.scenarios[1].scenario, "steady");
  EXPECT_EQ(comparison.scenarios[1].policies.size(), 1u);
}

TEST(Comparison, JsonHoldsRunsAndComparisons) {
  const auto json = to_json(build_comparison(compared_runs()), compared_runs());
  EXPECT_EQ(json["format"], 1);
  EXPECT_EQ(json["runs"].size(), 10u);
  const auto& policy = json["comparisons"][0]["policies"][1];
  EXPECT_EQ(policy["policy"], "hpa");
  const auto& score = policy["scores"]["violation_s"];
  EXPECT_EQ(score["values"], 5);
  EXPECT_TRUE(score["difference_to_first"]["significant"]);
  EXPECT_EQ(score["difference_to_first"]["test"], "paired_t");
  EXPECT_FALSE(json["comparisons"][0]["policies"][0]["scores"]["violation_s"].contains(
      "difference_to_first"));
}

TEST(Comparison, InfiniteValuesAreNullInJsonAndCounted) {
  std::vector<RunSummary> some = compared_runs();
  for (RunSummary& run : some) {
    if (run.policy == "hpa" && run.seed != 3) {
      run.scores[0].value = std::numeric_limits<double>::infinity();
    }
  }
  const auto json = to_json(build_comparison(some), {});
  const auto& score = json["comparisons"][0]["policies"][1]["scores"]["violation_s"];
  EXPECT_EQ(score["infinite"], 4);
  EXPECT_EQ(score["values"], 1);
  EXPECT_TRUE(score["half_width"].is_null());
  EXPECT_EQ(score["difference_to_first"]["test"], "sign");
  EXPECT_EQ(score["difference_to_first"]["higher"], 4);
}

}  // namespace
}  // namespace wsfleet
