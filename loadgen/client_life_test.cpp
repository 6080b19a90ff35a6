// SPDX-License-Identifier: Apache-2.0
#include "loadgen/client_life.h"

#include <gtest/gtest.h>

namespace wsfleet {
namespace {

constexpr std::uint64_t kSerial = 12;

ReconnectModel jittered() {
  return ReconnectModel({.kind = ReconnectKind::full_jitter, .max_attempts = 3}, RandomStreams(9));
}
ReconnectModel fixed(TimeNs base) {
  return ReconnectModel({.kind = ReconnectKind::fixed, .base = base}, RandomStreams(1));
}
ReconnectModel never() { return ReconnectModel({.kind = ReconnectKind::none}, RandomStreams(9)); }

ClientLife of_length(TimeNs length) { return {kSerial, length}; }

TEST(ClientLife, FailedAttemptsWaitAsTheModelSaysUntilTheSessionIsLost) {
  const ReconnectModel model = jittered();
  ClientLife life = of_length(kMinute);
  for (std::uint32_t attempt = 1; attempt <= 2; ++attempt) {
    life.begin_attempt();
    const ClientStep step = life.attempt_failed(kSecond, model);
    EXPECT_EQ(step.next, NextStep::retry);
    EXPECT_EQ(step.at, kSecond + *model.delay(kSerial, attempt, attempt));
  }
  life.begin_attempt();
  EXPECT_EQ(life.attempt_failed(kSecond, model).next, NextStep::lost);
}

TEST(ClientLife, ACutSessionComesBackForWhatIsLeft) {
  const ReconnectModel model = jittered();
  ClientLife life = of_length(10 * kSecond);
  life.begin_attempt();
  life.attempt_failed(kSecond, model);
  life.begin_attempt();
  life.opened(20 * kSecond);
  EXPECT_TRUE(life.was_open());
  EXPECT_EQ(life.ends_at(), 30 * kSecond);
  const ClientStep step = life.cut(24 * kSecond, 24 * kSecond, model);
  EXPECT_EQ(step.next, NextStep::retry);
  // Opening has forgotten the failure, the jitter's draw counts every attempt.
  EXPECT_EQ(step.at, 24 * kSecond + *model.delay(kSerial, 0, 2));
  life.begin_attempt();
  life.opened(40 * kSecond);
  EXPECT_EQ(life.ends_at(), 46 * kSecond);
}

TEST(ClientLife, OverDeadAirTheLengthStopsAtTheLossAndTheWaitBeginsWhenItIsKnown) {
  ClientLife life = of_length(10 * kSecond);
  life.begin_attempt();
  life.opened(0);
  const ClientStep step = life.cut(4 * kSecond, 7 * kSecond, fixed(2 * kSecond));
  EXPECT_EQ(step.at, 9 * kSecond);
  life.begin_attempt();
  life.opened(9 * kSecond);
  EXPECT_EQ(life.ends_at(), 15 * kSecond);
}

TEST(ClientLife, CutAtItsVeryEndItIsComplete) {
  ClientLife life = of_length(kSecond);
  life.begin_attempt();
  life.opened(0);
  EXPECT_EQ(life.cut(kSecond, kSecond, jittered()).next, NextStep::completed);
}

TEST(ClientLife, WithoutReconnectsACutIsALoss) {
  ClientLife life = of_length(kMinute);
  life.begin_attempt();
  life.opened(0);
  EXPECT_EQ(life.cut(kSecond, kSecond, never()).next, NextStep::lost);
}

TEST(ClientLife, EndlessSessionsStayEndless) {
  ClientLife life = of_length(kNever);
  life.begin_attempt();
  life.opened(kSecond);
  EXPECT_EQ(life.ends_at(), kNever);
  life.cut(2 * kSecond, 2 * kSecond, jittered());
  life.begin_attempt();
  life.opened(3 * kSecond);
  EXPECT_EQ(life.ends_at(), kNever);
}

TEST(ClientLife, ASessionThatHasToGoLeavesThenHoweverLongItWasConnected) {
  const TimeNs until = 10 * kSecond;
  const ReconnectModel model = fixed(5 * kSecond);
  ClientLife life = of_length(kNever);
  life.begin_attempt();
  life.opened(2 * kSecond, until);
  EXPECT_EQ(life.ends_at(), until);
  EXPECT_EQ(life.cut(3 * kSecond, 3 * kSecond, model, until).next, NextStep::retry);
  EXPECT_EQ(life.attempt_failed(8 * kSecond, model, 0, until).next, NextStep::completed);
  ClientLife never_open = of_length(kNever);
  never_open.begin_attempt();
  EXPECT_EQ(never_open.attempt_failed(8 * kSecond, model, 0, until).next, NextStep::lost);
}

TEST(ClientLife, AServersRetryAfterIsALowerBound) {
  const ReconnectModel model = fixed(2 * kSecond);
  ClientLife life = of_length(kMinute);
  life.begin_attempt();
  EXPECT_EQ(life.attempt_failed(0, model, 5 * kSecond).at, 5 * kSecond);
  life.begin_attempt();
  EXPECT_EQ(life.attempt_failed(0, model, kSecond).at, 2 * kSecond);
}

TEST(ClientLife, AttemptsAndFailuresSaturate) {
  const ReconnectModel patient(
      {.kind = ReconnectKind::fixed, .base = kSecond, .max_attempts = UINT16_MAX + 1},
      RandomStreams(1));
  ClientLife life = of_length(kMinute);
  for (int attempt = 0; attempt < UINT16_MAX + 10; ++attempt) {
    life.begin_attempt();
    ASSERT_EQ(life.attempt_failed(0, patient).next, NextStep::retry);
  }
  EXPECT_EQ(life.attempts(), UINT16_MAX);
}

}  // namespace
}  // namespace wsfleet
