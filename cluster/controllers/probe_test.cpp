// SPDX-License-Identifier: Apache-2.0
#include "cluster/controllers/probe.h"

#include <gtest/gtest.h>

namespace wsfleet {
namespace {

TEST(ReadinessProbe, StartsUnreadyAndTurnsAtTheThresholds) {
  ReadinessProbe probe(ProbeSettings{});  // 1 success, 3 failures
  EXPECT_FALSE(probe.ready());
  EXPECT_FALSE(probe.record(false));
  EXPECT_TRUE(probe.record(true));
  EXPECT_TRUE(probe.ready());
  EXPECT_FALSE(probe.record(true));
  EXPECT_FALSE(probe.record(false));
  EXPECT_FALSE(probe.record(false));
  EXPECT_TRUE(probe.ready());
  EXPECT_TRUE(probe.record(false));
  EXPECT_FALSE(probe.ready());
}

TEST(ReadinessProbe, OnlyOutcomesInARowCount) {
  ReadinessProbe probe(ProbeSettings{});
  probe.record(true);
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(probe.record(false));
    EXPECT_FALSE(probe.record(false));
    EXPECT_FALSE(probe.record(true));
  }
  EXPECT_TRUE(probe.ready());
}

TEST(ReadinessProbe, SuccessThreshold) {
  ProbeSettings settings;
  settings.success_threshold = 2;
  ReadinessProbe probe(settings);
  EXPECT_FALSE(probe.record(true));
  EXPECT_FALSE(probe.record(false));
  EXPECT_FALSE(probe.record(true));
  EXPECT_TRUE(probe.record(true));
}

TEST(ReadinessProbe, ANewContainerIsUnreadyButKeepsTheRun) {
  ProbeSettings settings;
  settings.success_threshold = 2;
  ReadinessProbe probe(settings);
  probe.record(true);
  probe.record(true);
  probe.reset();
  EXPECT_FALSE(probe.ready());
  EXPECT_TRUE(probe.record(true));
}

TEST(RestartDelay, AtOnceThenDoublesUpToFiveMinutes) {
  EXPECT_EQ(restart_delay(10 * kSecond, 0), 0);
  EXPECT_EQ(restart_delay(10 * kSecond, 1), 10 * kSecond);
  EXPECT_EQ(restart_delay(10 * kSecond, 2), 20 * kSecond);
  EXPECT_EQ(restart_delay(10 * kSecond, 5), 160 * kSecond);
  EXPECT_EQ(restart_delay(10 * kSecond, 6), 5 * kMinute);
  EXPECT_EQ(restart_delay(10 * kSecond, 1'000'000'000), 5 * kMinute);
  EXPECT_EQ(restart_delay(kHour, 1), 5 * kMinute);
  EXPECT_EQ(restart_delay(0, 1'000'000'000), 0);
}

}  // namespace
}  // namespace wsfleet
