// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "cluster/controllers/controller.h"

namespace wsfleet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Ready since t = serial, each on a node of its own.
ControlledPod healthy(std::uint64_t serial) {
  ControlledPod pod;
  pod.serial = serial;
  pod.assigned = pod.running = pod.ready = true;
  pod.node = "node-" + std::to_string(serial);
  pod.created = static_cast<TimeNs>(serial) * kSecond;
  pod.ready_since = pod.created;
  return pod;
}

ControllerPlan plan(int replicas, const std::vector<ControlledPod>& pods) {
  return reconcile(ControllerKind::deployment, PodManagement::ordered_ready, replicas, pods, kHour);
}

TEST(Deployment, CreatesWhatIsMissingAtOnce) {
  EXPECT_THAT(plan(3, {}).create, ElementsAre(-1, -1, -1));
  EXPECT_THAT(plan(3, {healthy(1)}).create, ElementsAre(-1, -1));
  EXPECT_THAT(plan(1, {healthy(1)}).create, IsEmpty());
}

TEST(Deployment, TerminatingPodsDoNotCount) {
  ControlledPod leaving = healthy(1);
  leaving.terminating = true;
  EXPECT_THAT(plan(1, {leaving}).create, ElementsAre(-1));
  EXPECT_THAT(plan(0, {leaving}).remove, IsEmpty());
}

TEST(Deployment, FailedPodsAreRemovedFirstAndReplaced) {
  ControlledPod failed = healthy(1);
  failed.running = failed.ready = false;
  failed.failed = true;
  const ControllerPlan replaced = plan(2, {failed, healthy(2)});
  EXPECT_THAT(replaced.remove, ElementsAre(1));
  EXPECT_THAT(replaced.create, ElementsAre(-1));
  EXPECT_THAT(plan(1, {healthy(2), failed, healthy(3)}).remove, ElementsAre(1, 3));
  failed.terminating = true;
  EXPECT_THAT(plan(1, {failed, healthy(2)}).remove, IsEmpty());
}

TEST(Deployment, RemovesTheSurplusAtOnceInOrder) {
  EXPECT_THAT(plan(1, {healthy(1), healthy(2), healthy(3)}).remove, ElementsAre(3, 2));
}

// Each case: pod 1 would outlive pod 2 by every rule after the one that the case shows.
struct VictimCase {
  const char* rule;
  void (*make_victim)(ControlledPod&);
};

TEST(DeletionOrder, EachRuleDecidesBeforeTheNext) {
  const VictimCase cases[] = {
      {"unassigned", [](ControlledPod& pod) { pod.assigned = pod.running = pod.ready = false; }},
      {"pending", [](ControlledPod& pod) { pod.running = pod.ready = false; }},
      {"unready", [](ControlledPod& pod) { pod.ready = false; }},
      {"cheaper", [](ControlledPod& pod) { pod.deletion_cost = -1; }},
  };
  for (const VictimCase& entry : cases) {
    ControlledPod victim = healthy(1);  // ready longest, oldest
    entry.make_victim(victim);
    EXPECT_THAT(deletion_order({healthy(2), victim, healthy(3)}, kHour), ElementsAre(1, 3, 2))
        << entry.rule;
  }
}

TEST(DeletionOrder, EarlierRulesOutweighLaterOnes) {
  ControlledPod pending = healthy(1);
  pending.running = pending.ready = false;
  pending.deletion_cost = 1000;
  ControlledPod unready = healthy(2);
  unready.ready = false;
  unready.deletion_cost = 500;
  ControlledPod cheap = healthy(3);
  cheap.deletion_cost = -1000;
  EXPECT_THAT(deletion_order({cheap, unready, pending}, kHour), ElementsAre(1, 2, 3));
}

TEST(DeletionOrder, MoreCoLocatedFirst) {
  ControlledPod a = healthy(1);
  ControlledPod b = healthy(2);
  a.node = b.node = "shared";
  EXPECT_THAT(deletion_order({healthy(3), a, b}, kHour), ElementsAre(2, 1, 3));
}

TEST(DeletionOrder, CoLocationCountsActivePodsOnly) {
  ControlledPod leaving = healthy(1);
  leaving.terminating = true;
  leaving.node = "shared";
  ControlledPod beside = healthy(2);
  beside.node = "shared";
  EXPECT_THAT(deletion_order({leaving, beside, healthy(3)}, kHour), ElementsAre(3, 2));
}

TEST(DeletionOrder, ReadyForLessTimeThenRestartsThenNewer) {
  ControlledPod old_but_flapping = healthy(1);
  old_but_flapping.ready_since = kMinute;
  EXPECT_THAT(deletion_order({healthy(2), old_but_flapping}, kHour), ElementsAre(1, 2));

  ControlledPod restarted = healthy(1);
  ControlledPod newer = healthy(2);
  newer.ready_since = restarted.ready_since;
  restarted.restarts = 2;
  EXPECT_THAT(deletion_order({newer, restarted}, kHour), ElementsAre(1, 2));
  restarted.restarts = 0;
  EXPECT_THAT(deletion_order({restarted, newer}, kHour), ElementsAre(2, 1));
}

TEST(DeletionOrder, UnreadyPodsAreNotComparedByReadyTime) {
  ControlledPod a = healthy(1);
  ControlledPod b = healthy(2);
  a.ready = b.ready = false;
  a.ready_since = kMinute;  // left over from when it was ready
  EXPECT_THAT(deletion_order({a, b}, kHour), ElementsAre(2, 1));
}

TEST(DeletionOrder, IsTotalWhateverTheOrderOfTheInput) {
  std::vector<ControlledPod> pods;
  for (std::uint64_t serial = 1; serial <= 6; ++serial) {
    ControlledPod pod = healthy(serial);
    pod.node = "one";
    pod.created = pod.ready_since = 0;
    pods.push_back(pod);
  }
  const auto order = deletion_order(pods, kHour);
  std::reverse(pods.begin(), pods.end());
  EXPECT_EQ(deletion_order(pods, kHour), order);
  EXPECT_THAT(order, ElementsAre(6, 5, 4, 3, 2, 1));
}

}  // namespace
}  // namespace wsfleet
