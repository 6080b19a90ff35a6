// SPDX-License-Identifier: Apache-2.0
#include "scaler/hold.h"

#include <gtest/gtest.h>

#include "scaler/policies/original.h"
#include "scaler/policies/testing/observation_builder.h"

namespace wsfleet {
namespace {

using What = std::vector<std::string>;

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
    const Decision fewer = hold_back(hold, 2, replicas(1));
    EXPECT_FALSE(fewer.replicas);
    ASSERT_TRUE(fewer.held);
    EXPECT_EQ(fewer.held->reason, reason);
    EXPECT_EQ(fewer.held->text, hold.text);
    EXPECT_EQ(fewer.held->what, What{"replicas"});
    EXPECT_FALSE(hold_back(hold, 2, replicas(2)).held);
    EXPECT_FALSE(hold_back(hold, 2, replicas(3)).held);
    EXPECT_EQ(hold_back(hold, 2, replicas(3)).replicas, 3);
    EXPECT_FALSE(hold_back(hold, 2, Decision{}).held);
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

TEST(Hold, DrainsShedsAndDeletionCostsNeedAllOfThePermit) {
  Decision decision = replicas(3);
  decision.drain = {"uid-0"};
  decision.shed = {{"uid-0", 0.5}};
  decision.deletion_costs = {{"uid-0", 7}};
  const Decision up = hold_back({Permit::scale_up, "metrics_empty", ""}, 2, decision);
  EXPECT_EQ(up.replicas, 3);
  EXPECT_TRUE(up.drain.empty());
  EXPECT_TRUE(up.shed.empty());
  EXPECT_TRUE(up.deletion_costs.empty());
  EXPECT_EQ(up.held->what, (What{"drain", "shed", "deletion_costs"}));
  EXPECT_FALSE(hold_back({}, 2, decision).held);
  EXPECT_EQ(hold_back({}, 2, decision).drain, decision.drain);
}

TEST(Hold, NothingMeansNothing) {
  const Hold hold{Permit::nothing, "not_leading", ""};
  EXPECT_TRUE(hold_back(hold, 2, replicas(3)).held);
  EXPECT_FALSE(hold_back(hold, 2, replicas(3)).replicas);
  EXPECT_FALSE(hold_back(hold, 2, replicas(2)).held);
  EXPECT_FALSE(permits(Permit::nothing, 2, 3));
}

TEST(Hold, TheStricterOneCounts) {
  const Observation fine = fleet(10, 2, 1);
  const Observation outage =
      ObservationBuilder(10, 1).pod_without_sample().metrics(MetricsStatus::error);
  const HoldSettings settings{.on_doubt = true, .until_s = 20, .why_until = "it began anew"};
  EXPECT_EQ(hold_for(fine, settings, {}).reason, "new_leader");
  EXPECT_EQ(hold_for(fine, settings, {}).text, "it began anew");
  EXPECT_EQ(hold_for(outage, settings, {}).reason, "metrics_error");
  const Result<void> gone = fail(ErrorKind::not_leading, "another one leads");
  EXPECT_EQ(hold_for(outage, settings, gone).reason, "not_leading");
  EXPECT_EQ(hold_for(outage, settings, gone).text, "another one leads");
  EXPECT_EQ(hold_for(outage, settings, gone).permit, Permit::nothing);
}

TEST(Hold, OfANewLeaderEndsAtItsTime) {
  const HoldSettings settings{.on_doubt = true, .until_s = 20, .why_until = ""};
  EXPECT_EQ(hold_for(fleet(19.9, 2, 1), settings, {}).permit, Permit::scale_up);
  EXPECT_EQ(hold_for(fleet(20, 2, 1), settings, {}).permit, Permit::all);
}

TEST(Hold, AnAutoscalerIsHeldByNothingButLeadership) {
  const Observation outage =
      ObservationBuilder(0, 1).pod_without_sample().metrics(MetricsStatus::error);
  const HoldSettings settings{.on_doubt = false, .until_s = 20, .why_until = ""};
  EXPECT_EQ(hold_for(outage, settings, {}).permit, Permit::all);
  EXPECT_EQ(hold_for(outage, settings, fail(ErrorKind::not_leading, "")).permit, Permit::nothing);
}

// The original's rule reads what is missing as 0 and would shrink the fleet.
TEST(Hold, KeepsTheOriginalsRuleFromShrinkingOnMissingData) {
  OriginalPolicy policy({});
  const Observation outage =
      ObservationBuilder(0, 2).pod_without_sample().pod_without_sample().metrics(
          MetricsStatus::error);
  const Decision decision = policy.decide(outage);
  ASSERT_EQ(decision.replicas, 1);
  EXPECT_TRUE(hold_back(hold_on_missing_data(outage), 2, decision).held);
}

}  // namespace
}  // namespace wsfleet
