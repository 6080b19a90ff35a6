// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "loadgen/sessions.h"

namespace wsfleet {
namespace {

ReconnectModel model(ReconnectKind kind, TimeNs base = kSecond, TimeNs cap = 30 * kSecond,
                     int max_attempts = 20) {
  ReconnectSettings settings;
  settings.kind = kind;
  settings.base = base;
  settings.cap = cap;
  settings.max_attempts = max_attempts;
  return ReconnectModel(settings, RandomStreams(1));
}

/// The waits of a session none of whose attempts opens; `attempts` is how many it made.
std::vector<TimeNs> waits_until_lost(const ReconnectModel& reconnect, std::uint32_t& attempts) {
  std::vector<TimeNs> waits;
  for (attempts = 1; attempts < 100000; ++attempts) {
    const auto wait = reconnect.delay(42, attempts, attempts);
    if (!wait) break;
    waits.push_back(*wait);
  }
  return waits;
}

TEST(Reconnect, NoneGivesUpAtOnce) {
  const ReconnectModel none = model(ReconnectKind::none);
  EXPECT_EQ(none.delay(1, 1, 1), std::nullopt);
  EXPECT_EQ(none.delay(1, 0, 1), std::nullopt) << "a session that is cut does not come back";
}

TEST(Reconnect, FixedFiveTimesFiveSeconds) {
  std::uint32_t attempts = 0;
  const auto waits =
      waits_until_lost(model(ReconnectKind::fixed, 5 * kSecond, 30 * kSecond, 5), attempts);
  EXPECT_EQ(waits, std::vector<TimeNs>(4, 5 * kSecond));
  EXPECT_EQ(attempts, 5U) << "the fifth attempt is the last";
}

TEST(Reconnect, FixedDoesNotLookAtTheCap) {
  EXPECT_EQ(model(ReconnectKind::fixed, kMinute, kSecond).delay(1, 1, 1), kMinute);
}

TEST(Reconnect, OneAttemptMeansNoRetryButACutSessionTriesOnce) {
  const ReconnectModel once = model(ReconnectKind::fixed, 5 * kSecond, 30 * kSecond, 1);
  EXPECT_EQ(once.delay(1, 1, 1), std::nullopt);
  EXPECT_EQ(once.delay(1, 0, 1), 5 * kSecond);
}

TEST(Reconnect, ExponentialDoublesUpToTheCap) {
  std::uint32_t attempts = 0;
  const auto waits =
      waits_until_lost(model(ReconnectKind::exponential, kSecond, 10 * kSecond, 8), attempts);
  const std::vector<TimeNs> expected = {kSecond,      2 * kSecond,  4 * kSecond, 8 * kSecond,
                                        10 * kSecond, 10 * kSecond, 10 * kSecond};
  EXPECT_EQ(waits, expected);
  EXPECT_EQ(attempts, 8U);
}

TEST(Reconnect, ACutSessionBeginsWithTheBase) {
  EXPECT_EQ(model(ReconnectKind::exponential).delay(7, 0, 1), kSecond);
  EXPECT_EQ(model(ReconnectKind::fixed).delay(7, 0, 12), kSecond);
}

TEST(Reconnect, ThousandsOfFailuresDoNotOverflow) {
  const ReconnectModel patient = model(ReconnectKind::exponential, kSecond, kMinute, 10000);
  EXPECT_EQ(patient.delay(1, 64, 64), kMinute);
  EXPECT_EQ(patient.delay(1, 9999, 9999), kMinute);
  EXPECT_EQ(patient.delay(1, 10000, 10000), std::nullopt);
}

TEST(Reconnect, FullJitterIsUniformUpToTheBackOff) {
  const ReconnectModel jitter = model(ReconnectKind::full_jitter);
  const TimeNs limits[] = {kSecond,     kSecond,      2 * kSecond, 4 * kSecond,
                           8 * kSecond, 16 * kSecond, 30 * kSecond};
  for (std::uint32_t failed = 0; failed < std::size(limits); ++failed) {
    const double limit_s = to_seconds(limits[failed]);
    double sum_s = 0;
    const int sessions = 10000;
    for (std::uint64_t serial = 0; serial < sessions; ++serial) {
      const auto wait = jitter.delay(serial, failed, failed + 1);
      ASSERT_TRUE(wait.has_value());
      ASSERT_GE(*wait, 0);
      ASSERT_LE(*wait, limits[failed]);
      sum_s += to_seconds(*wait);
    }
    const double deviation = limit_s / std::sqrt(12.0 * sessions);
    EXPECT_NEAR(sum_s / sessions, limit_s / 2, 4 * deviation) << failed;
  }
}

TEST(Reconnect, FullJitterGivesUpLikeTheOthers) {
  std::uint32_t attempts = 0;
  const auto waits = waits_until_lost(model(ReconnectKind::full_jitter), attempts);
  EXPECT_EQ(attempts, 20U);
  EXPECT_EQ(waits.size(), 19U);
}

TEST(Reconnect, JitterBelongsToSessionAndAttempt) {
  const ReconnectModel a = model(ReconnectKind::full_jitter);
  const ReconnectModel b = model(ReconnectKind::full_jitter);
  const auto first = a.delay(3, 1, 1);
  const auto second_outage = a.delay(3, 1, 2);
  EXPECT_EQ(b.delay(3, 1, 2), second_outage) << "in any order of calls";
  EXPECT_EQ(b.delay(3, 1, 1), first);
  EXPECT_NE(first, second_outage) << "a later attempt draws anew";
  EXPECT_NE(first, a.delay(4, 1, 1)) << "another session draws its own";
}

}  // namespace
}  // namespace wsfleet
