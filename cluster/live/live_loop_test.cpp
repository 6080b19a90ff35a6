// SPDX-License-Identifier: Apache-2.0
// The live backends' main loop around parts that a test scripts, on the machine's clock.
#include "cluster/live/live_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "core/live/live_clock.h"
#include "core/live/stop.h"
#include "core/process/process.h"

namespace wsfleet {
namespace {

using testing::ElementsAre;

struct ScriptedParts : LiveParts {
  void turn() override {
    ++turns;
    if (on_turn) on_turn();
    rest(kMillisecond);
  }
  FleetSecond end_second(TimeNs end) override {
    ends.push_back(end);
    FleetSecond second;
    second.spec_replicas = static_cast<int>(ends.size());
    return second;
  }
  LiveTraffic traffic(const FleetSecond& seen) override { return {seen.spec_replicas * 100, 7}; }
  Result<void> check() override { return trouble; }
  bool clients_ended() override { return stops > 0 || --clients_left < 0; }
  void stop_clients() override { ++stops; }

  std::function<void()> on_turn;
  Result<void> trouble;
  std::vector<TimeNs> ends;
  int turns = 0;
  int stops = 0;
  int clients_left = 3;
};

struct TheLiveLoop : testing::Test {
  Result<LiveSeconds> run(LiveClock& clock, TimeNs duration,
                          const std::function<void()>& experiment) {
    return run_live_loop({.parts = parts,
                          .clock = clock,
                          .duration = duration,
                          .clients_end_within = kMinute,
                          .progress = progress},
                         experiment);
  }
  ScriptedParts parts;
  std::vector<LiveStatus> told;
  LiveProgress progress = [this](const LiveStatus& status) { told.push_back(status); };
};

TEST_F(TheLiveLoop, EachSecondIsEndedOnceAndTold) {
  LiveClock clock(monotonic_now() - 5 * kSecond, 3 * kSecond);
  const auto seen = run(clock, 3 * kSecond, [] {});
  ASSERT_TRUE(seen);
  EXPECT_THAT(parts.ends, ElementsAre(kSecond, 2 * kSecond, 3 * kSecond));
  ASSERT_EQ(seen->seconds.size(), 3U);
  EXPECT_EQ(seen->seconds[1].spec_replicas, 2);
  EXPECT_FALSE(seen->stopped);
  ASSERT_EQ(told.size(), 3U);
  EXPECT_EQ(told[2].now, 3 * kSecond);
  EXPECT_EQ(told[2].connections, 300);
  EXPECT_EQ(told[2].refused, 7);
  EXPECT_EQ(parts.clients_left, -1);  // it waited for what they counted
  EXPECT_EQ(parts.stops, 0);
}

TEST_F(TheLiveLoop, TheExperimentBeginsAtZeroAndTheLoopGoesOnUntilItReturns) {
  const TimeNs epoch = monotonic_now() + 30 * kMillisecond;
  LiveClock clock(epoch, kSecond);
  TimeNs began = -1;
  bool slept = true;
  const auto seen = run(clock, kSecond, [&] {
    began = clock.now();
    slept = clock.sleep_until(kHour);
    rest(50 * kMillisecond);  // what a follower still reads
  });
  ASSERT_TRUE(seen);
  EXPECT_GE(began, 0);
  EXPECT_FALSE(slept);
  EXPECT_GE(clock.now(), kSecond + 50 * kMillisecond);
  EXPECT_THAT(parts.ends, ElementsAre(kSecond));
}

TEST_F(TheLiveLoop, WhatCanNotGoOnEndsTheExperimentEarly) {
  LiveClock clock(monotonic_now(), kHour);
  parts.on_turn = [this] {
    if (parts.turns == 5) parts.trouble = fail("a load generator ended");
  };
  bool slept = true;
  const auto seen = run(clock, kHour, [&] { slept = clock.sleep_until(kMinute); });
  ASSERT_FALSE(seen);
  EXPECT_EQ(seen.error().message, "a load generator ended");
  EXPECT_FALSE(slept);
  EXPECT_EQ(parts.stops, 1);
}

// In a process of its own: the wish to stop is never taken back.
TEST_F(TheLiveLoop, TheUsersStopEndsItWithWhatWasSeen) {
  EXPECT_EXIT(
      {
        LiveClock clock(monotonic_now() - 2 * kSecond, kHour);
        parts.on_turn = [this] {
          if (parts.turns == 5) request_stop();
        };
        const auto seen = run(clock, kHour, [&] { clock.sleep_until(kMinute); });
        _exit(seen && seen->stopped && seen->seconds.size() == 2 && parts.stops == 1 ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace wsfleet
