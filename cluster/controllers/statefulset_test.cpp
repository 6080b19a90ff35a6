// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "cluster/controllers/controller.h"

namespace wsfleet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Serial 100 + ordinal.
ControlledPod healthy(int ordinal) {
  ControlledPod pod;
  pod.serial = 100 + static_cast<std::uint64_t>(ordinal);
  pod.ordinal = ordinal;
  pod.assigned = pod.running = pod.ready = true;
  return pod;
}

ControlledPod unready(int ordinal) {
  ControlledPod pod = healthy(ordinal);
  pod.ready = false;
  return pod;
}

ControlledPod failed(int ordinal) {
  ControlledPod pod = unready(ordinal);
  pod.running = false;
  pod.failed = true;
  return pod;
}

ControlledPod terminating(ControlledPod pod) {
  pod.terminating = true;
  return pod;
}

ControllerPlan ordered(int replicas, const std::vector<ControlledPod>& pods) {
  return reconcile(ControllerKind::statefulset, PodManagement::ordered_ready, replicas, pods, 0);
}

ControllerPlan parallel(int replicas, const std::vector<ControlledPod>& pods) {
  return reconcile(ControllerKind::statefulset, PodManagement::parallel, replicas, pods, 0);
}

void expect_nothing(const ControllerPlan& plan) {
  EXPECT_THAT(plan.create, IsEmpty());
  EXPECT_THAT(plan.remove, IsEmpty());
}

TEST(OrderedReady, CreatesOneAtATimeUpwards) {
  EXPECT_THAT(ordered(3, {}).create, ElementsAre(0));
  EXPECT_THAT(ordered(3, {healthy(0)}).create, ElementsAre(1));
  EXPECT_THAT(ordered(3, {healthy(1), healthy(0)}).create, ElementsAre(2));
  expect_nothing(ordered(3, {healthy(0), healthy(1), healthy(2)}));
}

TEST(OrderedReady, CreationWaitsForEveryLowerOrdinal) {
  expect_nothing(ordered(3, {unready(0)}));
  expect_nothing(ordered(3, {unready(0), healthy(1)}));
  ControlledPod pending = healthy(0);
  pending.running = false;
  expect_nothing(ordered(3, {pending}));
}

TEST(OrderedReady, AGapIsFilledBeforeAnythingAbove) {
  EXPECT_THAT(ordered(4, {healthy(0), healthy(2)}).create, ElementsAre(1));
  EXPECT_THAT(ordered(4, {healthy(0), unready(2)}).create, ElementsAre(1));
}

TEST(OrderedReady, RemovesOneAtATimeDownwards) {
  const ControllerPlan plan = ordered(1, {healthy(0), healthy(1), healthy(2)});
  EXPECT_THAT(plan.remove, ElementsAre(102));
  EXPECT_THAT(plan.create, IsEmpty());
  expect_nothing(ordered(1, {healthy(0), healthy(1), terminating(healthy(2))}));
  EXPECT_THAT(ordered(1, {healthy(0), healthy(1)}).remove, ElementsAre(101));
}

TEST(OrderedReady, RemovalWaitsForAllPredecessors) {
  expect_nothing(ordered(2, {healthy(0), unready(1), healthy(2)}));
  expect_nothing(ordered(2, {terminating(healthy(0)), healthy(1), healthy(2)}));
  // A wanted pod that is missing comes back before one goes.
  const ControllerPlan plan = ordered(2, {healthy(0), healthy(2)});
  EXPECT_THAT(plan.create, ElementsAre(1));
  EXPECT_THAT(plan.remove, IsEmpty());
}

TEST(OrderedReady, AnUnreadyVictimGoesOnlyWhenItIsTheFirstUnhealthyPod) {
  EXPECT_THAT(ordered(1, {healthy(0), healthy(1), unready(2)}).remove, ElementsAre(102));
  expect_nothing(ordered(1, {healthy(0), unready(1), unready(2)}));
  EXPECT_THAT(ordered(1, {healthy(0), unready(1), healthy(2)}).remove, ElementsAre(102));
}

TEST(OrderedReady, AFailedPodIsRemovedThenCreatedAgainOnceGone) {
  EXPECT_THAT(ordered(3, {healthy(0), failed(1), healthy(2)}).remove, ElementsAre(101));
  expect_nothing(ordered(3, {healthy(0), terminating(failed(1)), healthy(2)}));
  EXPECT_THAT(ordered(3, {healthy(0), healthy(2)}).create, ElementsAre(1));
}

TEST(OrderedReady, ATerminatingOrdinalIsNotResurrected) {
  // Scaled to 1 and back to 3 while websocket-2 still drains.
  expect_nothing(ordered(3, {healthy(0), healthy(1), terminating(healthy(2))}));
  EXPECT_THAT(ordered(3, {healthy(0), healthy(1)}).create, ElementsAre(2));
}

TEST(OrderedReady, ScalesToZero) {
  EXPECT_THAT(ordered(0, {healthy(0)}).remove, ElementsAre(100));
  expect_nothing(ordered(0, {}));
}

TEST(Parallel, CreatesAndRemovesAllAtOnce) {
  EXPECT_THAT(parallel(4, {unready(1)}).create, ElementsAre(0, 2, 3));
  EXPECT_THAT(parallel(1, {unready(0), healthy(1), unready(2), terminating(healthy(3))}).remove,
              ElementsAre(102, 101));
}

TEST(Parallel, CreatesBesideUnhealthyPodsAndReplacesFailedOnes) {
  const ControllerPlan plan = parallel(3, {failed(0), terminating(healthy(1))});
  EXPECT_THAT(plan.remove, ElementsAre(100));
  EXPECT_THAT(plan.create, ElementsAre(2));
}

TEST(PodName, CarriesTheOrdinalOrTheSerial) {
  EXPECT_EQ(pod_name(ControllerKind::statefulset, healthy(3)), "websocket-3");
  EXPECT_EQ(pod_name(ControllerKind::deployment, healthy(3)), "websocket-103");
}

// Whatever the target does, OrderedReady keeps at most one pod on its way up or down, and the pods
// it leaves are 0 .. n - 1.
TEST(OrderedReady, NeverMovesMoreThanOnePodUnderAChangingTarget) {
  std::vector<ControlledPod> pods;
  const int targets[] = {5, 5, 2, 7, 0, 3, 9, 9, 1, 4};
  int step = 0;
  for (const int target : targets) {
    for (int tick = 0; tick < 6; ++tick, ++step) {
      // Each tick what was moving arrives: terminating pods go, new ones get ready.
      std::erase_if(pods, [](const ControlledPod& pod) { return pod.terminating; });
      for (ControlledPod& pod : pods) pod.ready = true;

      const ControllerPlan plan = ordered(target, pods);
      ASSERT_LE(plan.create.size() + plan.remove.size(), 1U) << step;
      for (const int ordinal : plan.create) pods.push_back(unready(ordinal));
      for (ControlledPod& pod : pods) {
        if (!plan.remove.empty() && pod.serial == plan.remove[0]) pod.terminating = true;
      }
      std::vector<bool> seen(pods.size());
      for (const ControlledPod& pod : pods) {
        ASSERT_LT(pod.ordinal, static_cast<int>(pods.size())) << step;
        seen[static_cast<std::size_t>(pod.ordinal)] = true;
      }
      ASSERT_THAT(seen, ::testing::Each(true)) << step;
    }
  }
  EXPECT_EQ(pods.size(), 4U);
}

}  // namespace
}  // namespace wsfleet
