// SPDX-License-Identifier: Apache-2.0
#include "loadgen/live/session_life.h"

#include <gtest/gtest.h>

namespace wsfleet {
namespace {

using Next = SessionLife::Next;

ReconnectModel jittered() {
  return ReconnectModel({.kind = ReconnectKind::full_jitter, .max_attempts = 3}, RandomStreams(9));
}
ReconnectModel never() { return ReconnectModel({.kind = ReconnectKind::none}, RandomStreams(9)); }

PlannedSession of_length(TimeNs length) {
  return {.serial = 12, .start = 5 * kSecond, .length = length};
}

TEST(SessionLife, FailedAttemptsWaitAsTheModelSaysUntilTheSessionIsLost) {
  const ReconnectModel model = jittered();
  SessionLife life(of_length(kMinute));
  for (std::uint32_t attempt = 1; attempt <= 2; ++attempt) {
    life.begin_attempt();
    const auto step = life.attempt_failed(kSecond, model);
    EXPECT_EQ(step.next, Next::retry);
    EXPECT_EQ(step.at, kSecond + *model.delay(12, attempt, attempt));
  }
  life.begin_attempt();
  EXPECT_EQ(life.attempt_failed(kSecond, model).next, Next::lost);
}

TEST(SessionLife, ACutSessionComesBackForWhatIsLeft) {
  const ReconnectModel model = jittered();
  SessionLife life(of_length(10 * kSecond));
  life.begin_attempt();
  life.attempt_failed(kSecond, model);
  life.begin_attempt();
  life.opened(20 * kSecond);
  EXPECT_TRUE(life.was_open());
  EXPECT_EQ(life.ends_at(), 30 * kSecond);
  const auto step = life.cut(24 * kSecond, model);
  EXPECT_EQ(step.next, Next::retry);
  // Opening has forgotten the failure, the jitter's draw counts every attempt.
  EXPECT_EQ(step.at, 24 * kSecond + *model.delay(12, 0, 2));
  life.begin_attempt();
  life.opened(40 * kSecond);
  EXPECT_EQ(life.ends_at(), 46 * kSecond);
}

TEST(SessionLife, CutAtItsVeryEndItIsComplete) {
  SessionLife life(of_length(kSecond));
  life.begin_attempt();
  life.opened(0);
  EXPECT_EQ(life.cut(kSecond, jittered()).next, Next::completed);
}

TEST(SessionLife, WithoutReconnectsACutIsALoss) {
  SessionLife life(of_length(kMinute));
  life.begin_attempt();
  life.opened(0);
  EXPECT_EQ(life.cut(kSecond, never()).next, Next::lost);
}

TEST(SessionLife, EndlessSessionsStayEndless) {
  SessionLife life(of_length(kNever));
  life.begin_attempt();
  life.opened(kSecond);
  EXPECT_EQ(life.ends_at(), kNever);
  life.cut(2 * kSecond, jittered());
  life.begin_attempt();
  life.opened(3 * kSecond);
  EXPECT_EQ(life.ends_at(), kNever);
}

TEST(SessionLife, TheLengthOfThoseAlreadyThereCountsFromZero) {
  PlannedSession plan = of_length(10 * kSecond);
  plan.start = -2 * kSecond;
  plan.already_there = true;
  SessionLife early(plan);
  EXPECT_EQ(early.wanted_since(), 0);
  early.opened(-kSecond);
  EXPECT_EQ(early.ends_at(), 10 * kSecond);
  SessionLife late(plan);
  late.opened(3 * kSecond);
  EXPECT_EQ(late.ends_at(), 13 * kSecond);
  EXPECT_EQ(SessionLife(of_length(1)).wanted_since(), 5 * kSecond);
}

TEST(SessionLife, AStagesSessionLeavesWhenItsPlaceIsGone) {
  PlannedSession plan = of_length(kNever);
  plan.until = 10 * kSecond;
  SessionLife life(plan);
  life.begin_attempt();
  life.opened(2 * kSecond);
  EXPECT_EQ(life.ends_at(), 10 * kSecond);
  const ReconnectModel fixed({.kind = ReconnectKind::fixed, .base = 5 * kSecond}, RandomStreams(1));
  EXPECT_EQ(life.cut(3 * kSecond, fixed).next, Next::retry);
  EXPECT_EQ(life.attempt_failed(8 * kSecond, fixed).next, Next::completed);
  SessionLife never_open(plan);
  never_open.begin_attempt();
  EXPECT_EQ(never_open.attempt_failed(8 * kSecond, fixed).next, Next::lost);
}

TEST(SessionLife, AServersRetryAfterIsALowerBound) {
  const ReconnectModel fixed({.kind = ReconnectKind::fixed, .base = 2 * kSecond}, RandomStreams(1));
  SessionLife life(of_length(kMinute));
  life.begin_attempt();
  EXPECT_EQ(life.attempt_failed(0, fixed, 5 * kSecond).at, 5 * kSecond);
  life.begin_attempt();
  EXPECT_EQ(life.attempt_failed(0, fixed, kSecond).at, 2 * kSecond);
}

}  // namespace
}  // namespace wsfleet
