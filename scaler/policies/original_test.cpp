// SPDX-License-Identifier: Apache-2.0
// The original's rule with its own numbers (10 connections per pod, 1 to 10 replicas), and its
// known defects: each is kept on purpose and shown here.
#include "scaler/policies/original.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "scaler/policies/testing/observation_builder.h"

namespace wsfleet {
namespace {

std::optional<int> decided(const Observation& observation) {
  return OriginalPolicy(OriginalSettings{}).decide(observation).replicas;
}

ObservationBuilder at(int replicas) { return {5, replicas}; }

TEST(Original, OneMoreWhenTheLastPodIsFull) { EXPECT_EQ(decided(at(2).pod(10).pod(10)), 3); }

TEST(Original, OneMoreWhenTheLastPodIsOverFull) { EXPECT_EQ(decided(at(1).pod(12)), 2); }

TEST(Original, OnlyTheLastPodCountsForScalingUp) {
  EXPECT_EQ(decided(at(2).pod(10).pod(9)), std::nullopt);
}

TEST(Original, NeverOverTheMaximum) { EXPECT_EQ(decided(at(10).pods(10, 10)), std::nullopt); }

TEST(Original, FullLastPodAtTheMaximumStillAllowsAScaleDown) {
  // The first condition fails on replicas < max, so the second is looked at.
  EXPECT_EQ(decided(at(10).pods(9, 0).pod(10)), 9);
}

TEST(Original, OneFewerWhenAllButTheLastAreIdle) {
  EXPECT_EQ(decided(at(3).pod(0).pod(0).pod(0)), 2);
}

TEST(Original, NeverUnderTheMinimum) {
  // With one pod "all except the last" is empty and so idle; only the bound holds it.
  EXPECT_EQ(decided(at(1).pod(0)), std::nullopt);
  OriginalPolicy original({.max_connections = 10, .min_replicas = 3, .max_replicas = 10});
  EXPECT_EQ(original.decide(at(3).pods(3, 0)).replicas, std::nullopt);
}

TEST(Original, OneBusyPodHoldsTheFleet) {
  EXPECT_EQ(decided(at(3).pod(0).pod(1).pod(0)), std::nullopt);
}

TEST(Original, ScaleDownLooksAtTheWrongPods) {
  // Defect: the StatefulSet removes ordinal 2, the one pod that has live sockets.
  EXPECT_EQ(decided(at(3).pod(0).pod(0).pod(9)), 2);
}

TEST(Original, IdleLastPodIsNeverRemovedWhileAnotherHasASocket) {
  // Defect: the pod that would go has nothing on it, but one socket elsewhere holds the fleet.
  EXPECT_EQ(decided(at(3).pod(1).pod(0).pod(0)), std::nullopt);
}

TEST(Original, MetricsOutageShrinksTheFleet) {
  // Defect: an outage reads as zero connections everywhere.
  Observation outage = at(4).pods(4, 9).metrics(MetricsStatus::error);
  EXPECT_EQ(decided(outage), 3);
  for (PodObservation& pod : outage.pods) pod.connections.reset();
  EXPECT_EQ(decided(outage), 3);
}

TEST(Original, EmptyMetricsShrinkTheFleet) {
  EXPECT_EQ(decided(at(2).pod_without_sample().pod_without_sample().metrics(MetricsStatus::empty)),
            1);
}

TEST(Original, MissingSampleIsAZero) {
  // Ordinal 0 has live sockets, but its scrape failed: the fleet shrinks on it.
  EXPECT_EQ(decided(at(2).pod_without_sample().pod(5)), 1);
}

TEST(Original, LastPodThatIsNotThereYetCountsAsZero) {
  // spec.replicas is 3, the pod of ordinal 2 is not created: not full, so no further growth.
  EXPECT_EQ(decided(at(3).pod(10).pod(10)), std::nullopt);
}

TEST(Original, PodsBeyondSpecReplicasAreNotLookedAt) {
  // Ordinal 2 is on its way out; the last that counts is ordinal 1.
  EXPECT_EQ(decided(at(2).pod(10).pod(9).terminating(10)), std::nullopt);
}

TEST(Original, PodsAreFoundByOrdinalNotByOrder) {
  Observation observation = at(2).pod(10).pod(3);
  std::swap(observation.pods[0], observation.pods[1]);
  EXPECT_EQ(decided(observation), std::nullopt);  // websocket-1 has 3
}

TEST(Original, TenthOrdinalIsNotTheZeroth) {
  Observation observation = at(1).pod(0);
  observation.pods[0].name = "websocket-10";
  observation.pods[0].connections = 50;
  EXPECT_EQ(decided(observation), std::nullopt);
}

TEST(Original, PodsWithoutOrdinalAreNeverFound) {
  // A Deployment's pods match no query, so all read 0.
  Observation observation = at(2).pods(2, 10);
  observation.pods[0].name = "websocket-7d9f8-x2k4j";
  observation.pods[1].name = "websocket-7d9f8-m9q2z";
  EXPECT_EQ(decided(observation), 1);
}

TEST(Original, NoReplicasMeanNothingToLookAt) { EXPECT_EQ(decided(at(0)), std::nullopt); }

TEST(Original, LimitIsTheServersOwn) {
  TomlDocument document = TomlDocument::parse("format = 1", "test.toml");
  PolicyContext context;
  context.server_max_connections = 500;
  const auto original = make_original(document.root().table("policy").table("original"), context);
  EXPECT_EQ(original->decide(at(1).pod(499)).replicas, std::nullopt);
  EXPECT_EQ(original->decide(at(1).pod(500)).replicas, 2);
}

TEST(Original, ReasonIsInWords) {
  const OriginalSettings settings;
  EXPECT_EQ(OriginalPolicy(settings).decide(at(2).pod(10).pod(10)).reason,
            "last pod, ordinal 1, is full with 10 of 10: one more");
  EXPECT_EQ(
      OriginalPolicy(settings).decide(at(2).pods(2, 3).metrics(MetricsStatus::error)).reason,
      "all pods but the last have 0 (the last has 0): one fewer (metrics unreadable: all read "
      "as 0)");
  EXPECT_EQ(OriginalPolicy(settings).decide(at(2).pod(4).pod(3)).reason,
            "last pod has 3 of 10, the others 4 together");
}

TEST(Original, RestoresItsEmptyState) {
  OriginalPolicy original{OriginalSettings{}};
  EXPECT_TRUE(original.restore(original.state()));
  EXPECT_FALSE(original.restore(nullptr));
}

}  // namespace
}  // namespace wsfleet
