// SPDX-License-Identifier: Apache-2.0
#include "scaler/live/hold.h"

#include <gtest/gtest.h>

#include "scaler/policies/original.h"
#include "scaler/policies/testing/observation_builder.h"

namespace wsfleet {
namespace {

Decision replicas(int count) {
  Decision decision;
  decision.replicas = count;
  return decision;
}

TEST(Hold, FineMetricsHoldNothing) {
  EXPECT_EQ(hold_on_missing_data(fleet(0, 3, 10)).permit, Permit::all);
  EXPECT_EQ(hold_on_missing_data(ObservationBuilder(0, 0)).permit, Permit::all);
}

TEST(Hold, WithoutMetricsPodsAreOnlyAdded) {
  for (const auto& [status, reason] : {std::pair{MetricsStatus::error, "metrics_error"},
                                       {MetricsStatus::empty, "metrics_empty"}}) {
    const Observation observation =
        ObservationBuilder(0, 2).pod_without_sample().pod_without_sample().metrics(status);
    const Hold hold = hold_on_missing_data(observation);
    EXPECT_EQ(hold.permit, Permit::scale_up);
    EXPECT_EQ(hold.reason, reason);
    EXPECT_TRUE(withholds(hold, observation, replicas(1)));
    EXPECT_FALSE(withholds(hold, observation, replicas(2)));
    EXPECT_FALSE(withholds(hold, observation, replicas(3)));
    EXPECT_FALSE(withholds(hold, observation, Decision{}));
  }
}

TEST(Hold, MoreThanHalfOfTheRunningPodsMustBeKnown) {
  const Hold half = hold_on_missing_data(ObservationBuilder(0, 2).pod(5).pod_without_sample());
  EXPECT_EQ(half.permit, Permit::all);
  const Hold third = hold_on_missing_data(
      ObservationBuilder(0, 3).pod(5).pod_without_sample().pod_without_sample());
  EXPECT_EQ(third.permit, Permit::scale_up);
  EXPECT_EQ(third.reason, "metrics_partial");
  EXPECT_EQ(third.text, "2 of 3 running pods have no sample");
  // Pods that start, and those that end, say nothing.
  EXPECT_EQ(hold_on_missing_data(
                ObservationBuilder(0, 4).pod(5).pending().pending().pending().terminating(0))
                .permit,
            Permit::all);
}

TEST(Hold, DrainsAndShedsNeedAllOfThePermit) {
  const Observation observation = fleet(0, 2, 1);
  const Hold hold{Permit::scale_up, "metrics_empty", ""};
  Decision drain;
  drain.drain = {"uid-0"};
  EXPECT_TRUE(withholds(hold, observation, drain));
  Decision shed;
  shed.shed = {{"uid-0", 0.5}};
  EXPECT_TRUE(withholds(hold, observation, shed));
  EXPECT_FALSE(withholds({}, observation, shed));
}

TEST(Hold, NothingMeansNothing) {
  const Observation observation = fleet(0, 2, 1);
  const Hold hold{Permit::nothing, "not_leading", ""};
  EXPECT_TRUE(withholds(hold, observation, replicas(3)));
  EXPECT_FALSE(withholds(hold, observation, replicas(2)));
}

TEST(Hold, TheStricterOneCounts) {
  const Hold up{Permit::scale_up, "metrics_empty", ""};
  const Hold other{Permit::scale_up, "new_leader", ""};
  EXPECT_EQ(stricter(up, {}).reason, "metrics_empty");
  EXPECT_EQ(stricter({}, up).reason, "metrics_empty");
  EXPECT_EQ(stricter(up, other).reason, "metrics_empty");
  EXPECT_EQ(stricter(up, {Permit::nothing, "not_leading", ""}).reason, "not_leading");
}

// The original's rule reads what is missing as 0 and would shrink the fleet.
TEST(Hold, KeepsTheOriginalsRuleFromShrinkingOnMissingData) {
  OriginalPolicy policy({});
  const Observation outage =
      ObservationBuilder(0, 2).pod_without_sample().pod_without_sample().metrics(
          MetricsStatus::error);
  const Decision decision = policy.decide(outage);
  ASSERT_EQ(decision.replicas, 1);
  EXPECT_TRUE(withholds(hold_on_missing_data(outage), outage, decision));
}

}  // namespace
}  // namespace wsfleet
