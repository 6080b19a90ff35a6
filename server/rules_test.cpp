// SPDX-License-Identifier: Apache-2.0
#include "server/rules.h"

#include <gtest/gtest.h>

namespace wsfleet {
namespace {

DrainSettings drain_of(DrainMode mode, TimeNs over) {
  DrainSettings drain;
  drain.mode = mode;
  drain.over = over;
  return drain;
}

TEST(Admission, AcceptsUntilFull) {
  ServerSettings settings;
  settings.max_connections = 10;
  AdmissionRule rule(settings);
  EXPECT_EQ(rule.admit(0, false, 0), Admission::accept);
  EXPECT_EQ(rule.admit(9, false, 0), Admission::accept);
  EXPECT_EQ(rule.admit(10, false, 0), Admission::refuse_full);
  EXPECT_EQ(rule.admit(11, false, 0), Admission::refuse_full);
}

TEST(Admission, DrainingRefusesWhateverIsFree) {
  AdmissionRule rule(ServerSettings{});
  EXPECT_EQ(rule.admit(0, true, 0), Admission::refuse_draining);
}

TEST(Admission, RateIsATokenBucketOfOneSecond) {
  ServerSettings settings;
  settings.max_connection_rate = 5;
  AdmissionRule rule(settings);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(rule.admit(i, false, kSecond), Admission::accept);
  EXPECT_EQ(rule.admit(5, false, kSecond), Admission::refuse_rate);
  EXPECT_EQ(rule.admit(5, false, kSecond + 199 * kMillisecond), Admission::refuse_rate);
  EXPECT_EQ(rule.admit(5, false, kSecond + 201 * kMillisecond), Admission::accept);
  // A minute of quiet earns one second's worth, not sixty.
  int accepted = 0;
  while (rule.admit(6, false, 61 * kSecond) == Admission::accept) ++accepted;
  EXPECT_EQ(accepted, 5);
}

TEST(Admission, RateBelowOneStillLetsOneThrough) {
  ServerSettings settings;
  settings.max_connection_rate = 0.1;
  AdmissionRule rule(settings);
  EXPECT_EQ(rule.admit(0, false, 0), Admission::accept);
  EXPECT_EQ(rule.admit(0, false, 9 * kSecond), Admission::refuse_rate);
  EXPECT_EQ(rule.admit(0, false, 10 * kSecond + kMillisecond), Admission::accept);
}

TEST(Admission, RefusalsSpendNoTokens) {
  ServerSettings settings;
  settings.max_connections = 1;
  settings.max_connection_rate = 1;
  AdmissionRule rule(settings);
  EXPECT_EQ(rule.admit(1, false, 0), Admission::refuse_full);
  EXPECT_EQ(rule.admit(0, true, 0), Admission::refuse_draining);
  EXPECT_EQ(rule.admit(0, false, 0), Admission::accept);
}

TEST(Readiness, FullPodStaysReadyOnlyWhenAskedTo) {
  ServerSettings settings;
  settings.max_connections = 10;
  EXPECT_TRUE(is_ready(settings, 10, false));
  settings.ready_when_full = false;
  EXPECT_TRUE(is_ready(settings, 9, false));
  EXPECT_FALSE(is_ready(settings, 10, false));
  settings.ready_when_full = true;
  EXPECT_FALSE(is_ready(settings, 0, true));
}

TEST(Drain, PacedClosesEvenlyFromTheFirstToTheLast) {
  const DrainSettings drain = drain_of(DrainMode::paced, 30 * kSecond);
  EXPECT_EQ(close_due_at(drain, 4, 0), 0);
  EXPECT_EQ(close_due_at(drain, 4, 1), 10 * kSecond);
  EXPECT_EQ(close_due_at(drain, 4, 2), 20 * kSecond);
  EXPECT_EQ(close_due_at(drain, 4, 3), 30 * kSecond);
  EXPECT_EQ(close_due_at(drain, 4, 4), kNever);
  EXPECT_EQ(closes_due(drain, 4, 0), 1);
  EXPECT_EQ(closes_due(drain, 4, 10 * kSecond - 1), 1);
  EXPECT_EQ(closes_due(drain, 4, 10 * kSecond), 2);
  EXPECT_EQ(closes_due(drain, 4, kHour), 4);
  EXPECT_EQ(closes_due(drain, 0, kHour), 0);
  EXPECT_EQ(close_due_at(drain, 1, 0), 0);
}

TEST(Drain, DueTimesAndDueCountsAreInverses) {
  for (const TimeNs over : {TimeNs{0}, TimeNs{1}, TimeNs{7}, TimeNs{1000}, 30 * kSecond}) {
    const DrainSettings drain = drain_of(DrainMode::paced, over);
    for (const std::int64_t total : {1, 2, 3, 10, 997}) {
      for (std::int64_t n = 0; n < total; ++n) {
        const TimeNs due = close_due_at(drain, total, n);
        ASSERT_GE(closes_due(drain, total, due), n + 1) << over << " " << total << " " << n;
        ASSERT_LE(closes_due(drain, total, due - 1), n) << over << " " << total << " " << n;
      }
      ASSERT_LE(close_due_at(drain, total, total - 1), over);
    }
  }
}

TEST(Drain, HoldsForALongDrainOfManyConnections) {
  const DrainSettings drain = drain_of(DrainMode::paced, 24 * kHour);
  constexpr std::int64_t kTotal = 10'000'001;
  EXPECT_EQ(close_due_at(drain, kTotal, 5'000'000), 12 * kHour);
  EXPECT_EQ(closes_due(drain, kTotal, 12 * kHour), 5'000'001);
}

TEST(Drain, NoneAndImmediate) {
  const DrainSettings none = drain_of(DrainMode::none, 30 * kSecond);
  EXPECT_EQ(closes_due(none, 100, kHour), 0);
  EXPECT_EQ(close_due_at(none, 100, 0), kNever);
  const DrainSettings immediate = drain_of(DrainMode::immediate, 30 * kSecond);
  EXPECT_EQ(closes_due(immediate, 100, 0), 100);
  EXPECT_EQ(close_due_at(immediate, 100, 99), 0);
}

TEST(Shed, RoundsUpButNotForBinaryDust) {
  EXPECT_EQ(connections_to_shed(30, 0.1), 3);
  EXPECT_EQ(connections_to_shed(31, 0.1), 4);
  EXPECT_EQ(connections_to_shed(1000, 0.0001), 1);
  EXPECT_EQ(connections_to_shed(10, 2.0), 10);
  EXPECT_EQ(connections_to_shed(10, 0.0), 0);
  EXPECT_EQ(connections_to_shed(10, -1.0), 0);
  EXPECT_EQ(connections_to_shed(0, 0.5), 0);
}

TEST(Shed, IsImmediateWhereNothingDrains) {
  EXPECT_EQ(shed_pacing(drain_of(DrainMode::none, kSecond)).mode, DrainMode::immediate);
  EXPECT_EQ(shed_pacing(drain_of(DrainMode::paced, kSecond)).mode, DrainMode::paced);
}

TEST(SessionStore, KeysLiveAMinuteAfterTheirLastRefresh) {
  EXPECT_EQ(session_keys_left(0), 1);
  EXPECT_EQ(session_keys_left(40 * kSecond), 1);  // the oldest refresh was 20 s before
  EXPECT_DOUBLE_EQ(session_keys_left(50 * kSecond), 0.5);
  EXPECT_EQ(session_keys_left(60 * kSecond), 0);
  EXPECT_EQ(session_keys_left(kHour), 0);
}

TEST(Costs, RefreshesWithRedisOnly) {
  ServerSettings settings;
  settings.costs.session_store_cpu = 20 * kMicrosecond;
  EXPECT_EQ(refresh_load(settings, 1'000'000), 0);
  settings.redis = true;
  EXPECT_DOUBLE_EQ(refresh_load(settings, 1'000'000), 1.0);
}

TEST(Costs, PingsHandshakesAndMemory) {
  ServerSettings settings;  // 5 us per ping, one each 10 s
  EXPECT_DOUBLE_EQ(ping_load(settings, 1'000'000), 0.5);
  settings.ping_interval = 0;
  EXPECT_EQ(ping_load(settings, 1'000'000), 0);

  EXPECT_EQ(handshake_work(settings), 80 * kMicrosecond);
  settings.tls = true;
  EXPECT_EQ(handshake_work(settings), 1280 * kMicrosecond);

  EXPECT_EQ(memory_bytes(settings.costs, 0), 20 * 1024 * 1024);
  EXPECT_EQ(memory_bytes(settings.costs, 1000), 20 * 1024 * 1024 + 1000 * 8192);
}

}  // namespace
}  // namespace wsfleet
