// SPDX-License-Identifier: Apache-2.0
// Hand-worked cases of the replica calculation, each named after the rule that it shows. The target
// is 100 connections per pod and the tolerance 10 % unless the case says otherwise.
#include "scaler/policies/hpa_calculator.h"

#include <gtest/gtest.h>

#include "scaler/policies/testing/observation_builder.h"

namespace wsfleet {
namespace {

constexpr HpaTarget kTarget{.milli_connections = 100'000};

ObservationBuilder with_replicas(int replicas) { return {0, replicas}; }

std::optional<int> proposed(const Observation& observation, const HpaTarget& target = kTarget) {
  return propose_replicas(observation, target).replicas;
}

TEST(HpaCalculator, RatioTimesMeasuredPodsIsRoundedUp) {
  // mean (150 + 180) / 2 = 165, r = 1.65, ceil(1.65 * 2 = 3.3) = 4
  EXPECT_EQ(proposed(with_replicas(2).pod(150).pod(180)), 4);
}

TEST(HpaCalculator, ExactMultipleIsNotRoundedFurther) {
  // mean 300, r = 3, ceil(3 * 1) = 3
  EXPECT_EQ(proposed(with_replicas(1).pod(300)), 3);
}

TEST(HpaCalculator, ScalesDownByTheSameRule) {
  // mean (20 + 40 + 30) / 3 = 30, r = 0.3, ceil(0.3 * 3 = 0.9) = 1
  EXPECT_EQ(proposed(with_replicas(3).pod(20).pod(40).pod(30)), 1);
}

TEST(HpaCalculator, NoConnectionsProposeZeroWhichBoundsRaise) {
  // mean 0, r = 0, ceil(0 * 3) = 0; minReplicas is applied later
  EXPECT_EQ(proposed(with_replicas(3).pods(3, 0)), 0);
}

TEST(HpaCalculator, WithinToleranceKeepsCurrent) {
  // mean 108, r = 1.08 <= 1.1
  EXPECT_EQ(proposed(with_replicas(3).pods(3, 108)), 3);
}

TEST(HpaCalculator, UpperEdgeOfToleranceKeepsCurrent) {
  // mean 110, r = 1.1 <= 1 + 0.1
  EXPECT_EQ(proposed(with_replicas(3).pods(3, 110)), 3);
}

TEST(HpaCalculator, JustOverToleranceScalesUp) {
  // mean 110.001, r = 1.10001 > 1.1, ceil(1.10001 * 3 = 3.30003) = 4
  EXPECT_EQ(proposed(with_replicas(3).pods(3, 110.001)), 4);
}

TEST(HpaCalculator, LowerEdgeOfToleranceKeepsCurrent) {
  // mean 90, r = 0.9 >= 1 - 0.1; ten pods would otherwise become ceil(9) = 9
  EXPECT_EQ(proposed(with_replicas(10).pods(10, 90)), 10);
}

TEST(HpaCalculator, JustUnderToleranceScalesDown) {
  // mean 89.9, r = 0.899 < 0.9, ceil(0.899 * 10 = 8.99) = 9
  EXPECT_EQ(proposed(with_replicas(10).pods(10, 89.9)), 9);
}

TEST(HpaCalculator, ToleranceMayDifferByDirection) {
  const HpaTarget target{.milli_connections = 100'000, .tolerance_up = 0, .tolerance_down = 0.5};
  // r = 1.01 > 1 + 0: ceil(1.01 * 2) = 3; r = 0.5 >= 1 - 0.5: keeps 2
  EXPECT_EQ(proposed(with_replicas(2).pods(2, 101), target), 3);
  EXPECT_EQ(proposed(with_replicas(2).pods(2, 50), target), 2);
}

TEST(HpaCalculator, MeanIsCutToWholeThousandths) {
  // total 100 over 3 pods is 33.333 as it is counted, and so is the target: r = 1 exactly. With
  // 33.3333... it would be over the target, and ceil(1.00001 * 3) = 4.
  const HpaTarget target{.milli_connections = 33'333, .tolerance_up = 0, .tolerance_down = 0};
  EXPECT_EQ(proposed(with_replicas(3).pod(34).pod(33).pod(33), target), 3);
}

TEST(HpaCalculator, MissingPodsCountAsZeroWhenScalingUp) {
  // measured: r = 600 / 2 / 100 = 3; two missing as 0: 600 / 4 = 150, r' = 1.5, ceil(1.5 * 4) = 6
  EXPECT_EQ(proposed(with_replicas(4).pods(2, 300).pod_without_sample().pod_without_sample()), 6);
}

TEST(HpaCalculator, MissingPodsCountAsTheTargetWhenScalingDown) {
  // measured: r = 0.2; two missing as 100: (40 + 200) / 4 = 60, r' = 0.6, ceil(0.6 * 4 = 2.4) = 3
  EXPECT_EQ(proposed(with_replicas(4).pods(2, 20).pod_without_sample().pod_without_sample()), 3);
}

TEST(HpaCalculator, MissingPodsThatBringTheMeanWithinToleranceKeepCurrent) {
  // measured: r = 1.6; one missing as 0: 320 / 3 = 106.666, r' = 1.06666 <= 1.1
  EXPECT_EQ(proposed(with_replicas(3).pods(2, 160).pod_without_sample()), 3);
}

TEST(HpaCalculator, MissingPodsThatTurnTheDirectionKeepCurrent) {
  // measured: r = 1.2; two missing as 0: 240 / 4 = 60, r' = 0.6, on the other side of 1
  EXPECT_EQ(proposed(with_replicas(4).pods(2, 120).pod_without_sample().pod_without_sample()), 4);
}

TEST(HpaCalculator, MissingPodsHoldAScaleDownWithinTolerance) {
  // measured: r = 0.6; three missing as 100: (60 + 300) / 4 = 90, r' = 0.9 >= 0.9
  EXPECT_EQ(
      proposed(
          with_replicas(4).pod(60).pod_without_sample().pod_without_sample().pod_without_sample()),
      4);
}

TEST(HpaCalculator, MissingPodsAreNotFilledInAtExactlyTheTarget) {
  // measured: r = 1: neither up nor down, nothing is filled in, r' = 1, within tolerance
  EXPECT_EQ(proposed(with_replicas(3).pods(2, 100).pod_without_sample()), 3);
}

TEST(HpaCalculator, MissingPodsWithinToleranceAreStillFilledIn) {
  // measured: r = 1.05, within tolerance, but a pod is missing: 210 / 3 = 70, r' = 0.7 crosses 1
  EXPECT_EQ(proposed(with_replicas(3).pods(2, 105).pod_without_sample()), 3);
  // measured: r = 0.95; missing as 100: 290 / 3 = 96.666, within tolerance
  EXPECT_EQ(proposed(with_replicas(3).pods(2, 95).pod_without_sample()), 3);
}

TEST(HpaCalculator, PendingPodsCountAsZeroWhenScalingUp) {
  // measured: r = 3; two pending as 0: 600 / 4 = 150, r' = 1.5, ceil(1.5 * 4) = 6
  EXPECT_EQ(proposed(with_replicas(4).pods(2, 300).pending().pending()), 6);
}

TEST(HpaCalculator, PendingPodsDampenASurge) {
  // measured: r = 2; three pending as 0: 400 / 5 = 80, r' = 0.8, on the other side: keeps 5
  EXPECT_EQ(proposed(with_replicas(5).pods(2, 200).pending().pending().pending()), 5);
}

TEST(HpaCalculator, PendingPodsDoNotCountWhenScalingDown) {
  // measured: r = 0.5 over 2 pods, ceil(0.5 * 2) = 1: the pending one has no say
  EXPECT_EQ(proposed(with_replicas(3).pods(2, 50).pending()), 1);
}

TEST(HpaCalculator, PendingPodsDoNotCountAtTheTarget) {
  // measured: r = 1, not over 1: within tolerance, keeps 3
  EXPECT_EQ(proposed(with_replicas(3).pods(2, 100).pending()), 3);
}

TEST(HpaCalculator, SampleOfAPendingPodIsDropped) {
  // the pending pod's 900 does not count: r = 3, then 600 / 3 = 200, r' = 2, ceil(2 * 3) = 6
  EXPECT_EQ(proposed(with_replicas(3).pods(2, 300).pending(900)), 6);
}

TEST(HpaCalculator, MissingAndPendingPodsBothCountAsZeroWhenScalingUp) {
  // measured: r = 8; one missing, one pending as 0: 800 / 3 = 266.666, r' = 2.66666, * 3 -> 8
  EXPECT_EQ(proposed(with_replicas(3).pod(800).pod_without_sample().pending()), 8);
}

TEST(HpaCalculator, OnlyMissingPodsAreFilledInWhenScalingDown) {
  // measured: r = 0.1; missing as 100, pending not: (10 + 100) / 2 = 55, r' = 0.55, ceil(1.1) = 2
  EXPECT_EQ(proposed(with_replicas(3).pod(10).pod_without_sample().pending()), 2);
}

TEST(HpaCalculator, UnreadyRunningPodsCountForAPodsMetric) {
  // readiness matters for CPU only: mean (300 + 0) / 2 = 150, r = 1.5, ceil(3) = 3
  EXPECT_EQ(proposed(with_replicas(2).pod(300).unready(0)), 3);
}

TEST(HpaCalculator, UnreadyRunningPodWithoutConnectionsDilutesTheMean) {
  // one pod at 190 would need 2; a fresh unready pod with 0: mean 95, within tolerance
  EXPECT_EQ(proposed(with_replicas(2).pod(190).unready(0)), 2);
}

TEST(HpaCalculator, TerminatingPodsAreDropped) {
  // the terminating pod's 1,000 does not count: mean 100, keeps 2
  EXPECT_EQ(proposed(with_replicas(2).pods(2, 100).terminating(1000)), 2);
}

TEST(HpaCalculator, FailedPodsAreDropped) {
  // the failed pod is neither measured nor missing: r = 1.5, ceil(1.5 * 2) = 3
  EXPECT_EQ(proposed(with_replicas(3).pods(2, 150).failed(0)), 3);
}

TEST(HpaCalculator, NewCountComesFromMeasuredPodsNotFromSpec) {
  // spec says 10, but 2 run: r = 0.5, ceil(0.5 * 2) = 1
  EXPECT_EQ(proposed(with_replicas(10).pods(2, 50)), 1);
}

TEST(HpaCalculator, FilledInCountThatWouldReverseKeepsCurrent) {
  // spec 2 while 4 pods are there: r = 0.5; missing as 100: (150 + 100) / 4 = 62.5, r' = 0.625,
  // ceil(0.625 * 4 = 2.5) = 3: a scale-down that would grow the fleet from 2
  EXPECT_EQ(proposed(with_replicas(2).pods(3, 50).pod_without_sample()), 2);
  // spec 9, 2 pods measured: r = 3; missing as 0: 600 / 3 = 200, r' = 2, ceil(6) < 9
  EXPECT_EQ(proposed(with_replicas(9).pods(2, 300).pod_without_sample()), 9);
}

TEST(HpaCalculator, NoSampleOfAnyRunningPodIsAnError) {
  const HpaProposal proposal =
      propose_replicas(with_replicas(2).pod_without_sample().pod_without_sample(), kTarget);
  EXPECT_EQ(proposal.replicas, std::nullopt);
  EXPECT_EQ(proposal.reason, "no running pod has a sample: no change");
}

TEST(HpaCalculator, SamplesOfDroppedPodsDoNotMakeUpForMissingOnes) {
  EXPECT_EQ(proposed(with_replicas(2).pod_without_sample().terminating(50).pending(50)),
            std::nullopt);
}

TEST(HpaCalculator, MetricsOutageIsAnError) {
  EXPECT_EQ(proposed(with_replicas(2).pods(2, 500).metrics(MetricsStatus::error)), std::nullopt);
}

TEST(HpaCalculator, EmptyMetricsAreAnErrorNotAZero) {
  EXPECT_EQ(proposed(with_replicas(2).pod_without_sample().metrics(MetricsStatus::empty)),
            std::nullopt);
}

TEST(HpaCalculator, NoPodsIsAnError) { EXPECT_EQ(proposed(with_replicas(2)), std::nullopt); }

TEST(HpaCalculator, OldSamplesCountLikeFreshOnes) {
  Observation observation = with_replicas(1).pod(300);
  observation.pods[0].sample_age_s = 299;  // the metrics serve up to 5 minutes
  EXPECT_EQ(proposed(observation), 3);
}

TEST(HpaCalculator, FractionalTargetIsExactToThousandths) {
  // target 33.5: mean 100, r = 2.98507..., ceil(2.98507 * 2 = 5.97) = 6
  EXPECT_EQ(proposed(with_replicas(2).pods(2, 100), {.milli_connections = 33'500}), 6);
}

TEST(HpaCalculator, HugeValuesDoNotOverflow) {
  EXPECT_EQ(proposed(with_replicas(1).pod(1e300), {.milli_connections = 1}), 2147483647);
}

TEST(HpaCalculator, ReasonSaysTheNumbers) {
  EXPECT_EQ(propose_replicas(with_replicas(2).pods(2, 180), {.milli_connections = 50'000}).reason,
            "180.0 per pod is over the target of 50");
  EXPECT_EQ(propose_replicas(with_replicas(3).pods(2, 300).pod_without_sample(), kTarget).reason,
            "300.0 per pod is over the target of 100, 1 without sample; with those filled in the "
            "ratio is 2.000");
}

}  // namespace
}  // namespace wsfleet
