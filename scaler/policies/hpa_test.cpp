// SPDX-License-Identifier: Apache-2.0
// Hand-worked sequences of the whole policy: what it remembers between decisions, and when it does
// not look at the metrics at all. The target is 100 per pod.
#include "scaler/policies/hpa.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "scaler/policies/testing/observation_builder.h"

namespace wsfleet {
namespace {

HpaSettings settings(int min = 1, int max = 100) {
  HpaSettings settings;
  settings.target.milli_connections = 100'000;
  settings.bounds = {min, max};
  return settings;
}

HpaSettings without_behavior(int min = 1, int max = 100) {
  HpaSettings changed = settings(min, max);
  changed.with_behavior = false;
  return changed;
}

TEST(Hpa, OrdersWhatTheMeanAsksFor) {
  HpaPolicy hpa(settings());
  const Decision decision = hpa.decide(fleet(15, 2, 180));
  EXPECT_EQ(decision.replicas, 4);  // r = 1.8, ceil(3.6) = 4, within max(2 + 4, 4)
  EXPECT_EQ(decision.reason, "180.0 per pod is over the target of 100: 4 proposed");
}

TEST(Hpa, ZeroReplicasDisableScaling) {
  HpaPolicy hpa(settings());
  EXPECT_EQ(hpa.decide(fleet(15, 0, 0)).replicas, std::nullopt);
}

TEST(Hpa, ZeroReplicasWithMinimumZeroHaveNoPodsToMeasure) {
  HpaPolicy hpa(settings(0));
  const Decision decision = hpa.decide(fleet(15, 0, 0));
  EXPECT_EQ(decision.replicas, std::nullopt);
  EXPECT_EQ(decision.reason, "there are no pods: no change");
}

TEST(Hpa, CurrentOverTheMaximumIsSetToItWithoutMetrics) {
  HpaPolicy hpa(settings(1, 10));
  Observation observation = fleet(15, 12, 500);
  observation.metrics = MetricsStatus::error;
  EXPECT_EQ(hpa.decide(observation).replicas, 10);
}

TEST(Hpa, CurrentUnderTheMinimumIsSetToItWithoutMetrics) {
  HpaPolicy hpa(settings(5, 10));
  EXPECT_EQ(hpa.decide(fleet(15, 2, 0)).replicas, 5);
}

TEST(Hpa, MetricsOutageChangesNothing) {
  HpaPolicy hpa(settings());
  Observation observation = fleet(15, 5, 0);
  observation.metrics = MetricsStatus::error;
  for (PodObservation& pod : observation.pods) pod.connections.reset();
  for (int tick = 1; tick <= 40; ++tick) {
    observation.time_s = 15.0 * tick;  // ten minutes, twice the down-window
    EXPECT_EQ(hpa.decide(observation).replicas, std::nullopt);
  }
}

TEST(Hpa, FirstRecommendationIsTheCurrentCount) {
  HpaPolicy hpa(settings());
  // t = 0: proposes 1, but the list began with 5: max{5, 1} = 5
  EXPECT_EQ(hpa.decide(fleet(0, 5, 10)).replicas, std::nullopt);
  // t = 285: the 5 of t = 0 is 285 s old, still in
  EXPECT_EQ(hpa.decide(fleet(285, 5, 10)).replicas, std::nullopt);
  // t = 300: it is exactly 300 s old, out; max{1, 1, 1} = 1
  EXPECT_EQ(hpa.decide(fleet(300, 5, 10)).replicas, 1);
}

TEST(Hpa, FirstRecommendationIsRememberedEvenWhenMetricsFail) {
  HpaPolicy hpa(settings());
  Observation outage = fleet(0, 5, 0);
  outage.metrics = MetricsStatus::error;
  hpa.decide(outage);
  EXPECT_EQ(hpa.decide(fleet(285, 5, 10)).replicas, std::nullopt);
  EXPECT_EQ(hpa.decide(fleet(300, 5, 10)).replicas, 1);
}

TEST(Hpa, RecommendationsAreStoredRawNotLimited) {
  HpaPolicy hpa(settings());
  // t = 0: r = 9, proposes 9, limited to max(1 + 4, 2) = 5; stored is 9
  EXPECT_EQ(hpa.decide(fleet(0, 1, 900)).replicas, 5);
  // t = 15: proposes ceil(1.2 * 5) = 6, limit max(5 + 4, 10) as the event is 15 s old: 6
  EXPECT_EQ(hpa.decide(fleet(15, 5, 120)).replicas, 6);
  // t = 30: proposes ceil(0.5 * 9) = 5, but max{9, 6, 5} = 9 = current: holds
  EXPECT_EQ(hpa.decide(fleet(30, 9, 50)).replicas, std::nullopt);
}

TEST(Hpa, DownWindowFollowsTheHighestRecommendationAsItAges) {
  HpaPolicy hpa(settings());
  hpa.decide(fleet(0, 10, 100));                                    // stores 10 (twice)
  EXPECT_EQ(hpa.decide(fleet(60, 10, 55)).replicas, std::nullopt);  // 6, max{10, 6} = 10
  EXPECT_EQ(hpa.decide(fleet(300, 10, 25)).replicas, 6);  // 3, the 10 is out: max{6, 3} = 6
  EXPECT_EQ(hpa.decide(fleet(359, 6, 25)).replicas, std::nullopt);  // ceil(1.5) = 2, the 6 is in
  EXPECT_EQ(hpa.decide(fleet(360, 6, 25)).replicas, 3);  // the 6 is out: max{3, 2, 2} = 3
}

TEST(Hpa, AcceptedScaleUpUsesUpTheRate) {
  HpaPolicy hpa(settings());
  EXPECT_EQ(hpa.decide(fleet(0, 2, 2000)).replicas, 6);  // max(2 + 4, 4)
  // 5 s later at 6: start = 6 - 4 = 2, max(2 + 4, 4) = 6: no more within the period
  EXPECT_EQ(hpa.decide(fleet(5, 6, 2000)).replicas, std::nullopt);
  // 15 s later the period is over: max(6 + 4, 12) = 12
  EXPECT_EQ(hpa.decide(fleet(15, 6, 2000)).replicas, 12);
}

TEST(Hpa, RefusedScaleUpLeavesTheRateFree) {
  HpaPolicy hpa(settings());
  EXPECT_EQ(hpa.decide(fleet(0, 2, 2000)).replicas, 6);
  // The order did not go through: spec.replicas is still 2, no event is stored, the limit is 6
  // again
  EXPECT_EQ(hpa.decide(fleet(5, 2, 2000)).replicas, 6);
}

TEST(Hpa, RateLimitIsNamedInTheReason) {
  HpaPolicy hpa(settings());
  EXPECT_EQ(hpa.decide(fleet(0, 2, 2000)).reason,
            "2000.0 per pod is over the target of 100: 40 proposed, 6 by the scale-up rate");
}

TEST(Hpa, StabilisationIsNamedInTheReason) {
  HpaPolicy hpa(settings());
  EXPECT_EQ(hpa.decide(fleet(0, 4, 20)).reason,
            "20.0 per pod is under the target of 100: 1 proposed, 4 by the stabilisation window");
}

TEST(Hpa, WithoutBehaviorAFleetOfOneReachesFour) {
  HpaPolicy hpa(without_behavior());
  EXPECT_EQ(hpa.decide(fleet(0, 1, 2000)).replicas, 4);  // max(2 * 1, 4)
  // No rate over time: 5 s later it may double again
  EXPECT_EQ(hpa.decide(fleet(5, 4, 2000)).replicas, 8);
}

TEST(Hpa, WithoutBehaviorScaleDownWaitsForTheWindow) {
  HpaPolicy hpa(without_behavior());
  EXPECT_EQ(hpa.decide(fleet(0, 5, 10)).replicas, std::nullopt);    // max{5, 1} = 5
  EXPECT_EQ(hpa.decide(fleet(300, 5, 10)).replicas, std::nullopt);  // 300 s old still counts
  EXPECT_EQ(hpa.decide(fleet(301, 5, 10)).replicas, 1);
}

TEST(Hpa, WithoutBehaviorAnOldPeakMayScaleUp) {
  HpaPolicy hpa(without_behavior());
  // t = 0: r = 20, proposes 20 from 1, limited to 4; t = 15: proposes ceil(0.5 * 4) = 2, but the
  // highest of the window is 20: limited to max(8, 4) = 8
  EXPECT_EQ(hpa.decide(fleet(0, 1, 2000)).replicas, 4);
  EXPECT_EQ(hpa.decide(fleet(15, 4, 50)).replicas, 8);
}

TEST(Hpa, ProposalOfZeroEndsAtTheMinimum) {
  HpaSettings changed = settings(2);
  changed.behavior.scale_down.stabilization_window = 0;
  HpaPolicy hpa(changed);
  EXPECT_EQ(hpa.decide(fleet(0, 6, 0)).replicas, 2);
}

// A day in short: up, hold, down, an outage, a refused order.
std::vector<Observation> mixed_sequence() {
  std::vector<Observation> sequence;
  const int replicas[] = {2, 6, 12, 12, 12, 12, 10, 10, 8, 8, 20, 20};
  const double load[] = {2000, 900, 100, 40, 40, 0, 60, 60, 30, 30, 300, 20};
  for (int i = 0; i < 12; ++i) {
    sequence.push_back(fleet(i * 45.0, replicas[i], load[i]));
    if (i == 5) sequence.back().metrics = MetricsStatus::error;
  }
  return sequence;
}

TEST(Hpa, RestoredPolicyDecidesLikeTheOneItCameFrom) {
  for (const HpaSettings& variant : {settings(), without_behavior()}) {
    const std::vector<Observation> sequence = mixed_sequence();
    for (std::size_t cut = 0; cut < sequence.size(); ++cut) {
      HpaPolicy whole(variant);
      for (std::size_t i = 0; i < cut; ++i) whole.decide(sequence[i]);
      HpaPolicy resumed(variant);
      // By way of text, as a file would do it.
      ASSERT_TRUE(resumed.restore(nlohmann::json::parse(whole.state().dump())));
      for (std::size_t i = cut; i < sequence.size(); ++i) {
        EXPECT_EQ(to_json(resumed.decide(sequence[i])), to_json(whole.decide(sequence[i])))
            << "cut " << cut << ", observation " << i;
      }
    }
  }
}

TEST(Hpa, RestoreNamesTheMissingKeyAndChangesNothing) {
  HpaPolicy hpa(settings());
  hpa.decide(fleet(0, 5, 10));
  const nlohmann::json before = hpa.state();
  const Result<void> result = hpa.restore({{"recommendations", nlohmann::json::array()}});
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find("scale_ups"), std::string::npos);
  EXPECT_FALSE(hpa.restore(nlohmann::json::array()));
  EXPECT_EQ(hpa.state(), before);
}

}  // namespace
}  // namespace wsfleet
