// SPDX-License-Identifier: Apache-2.0
// The rules of a second: who counts, who is late, what can't be known.
#include "cluster/second_meter.h"

#include <gtest/gtest.h>

#include <vector>

namespace wsfleet {
namespace {

PodStanding serving(std::optional<std::int64_t> sockets) {
  return {
      .ready = true, .started = true, .running = true, .terminating = false, .sockets = sockets};
}

PodLevels levels_of(const std::vector<PodStanding>& pods) {
  PodLevels levels;
  for (const PodStanding& pod : pods) levels.add(pod);
  return levels;
}

TEST(PodLevels, SupplyIsPastStartUpAndNotTerminatingFullOrNot) {
  PodStanding full = serving(9);
  full.ready = false;
  PodStanding starting = serving(0);
  starting.ready = starting.started = false;
  PodStanding crashed = serving(0);
  crashed.ready = crashed.running = false;
  PodStanding leaving = serving(5);
  leaving.terminating = true;
  const PodLevels levels = levels_of({serving(9), full, starting, crashed, leaving});
  EXPECT_EQ(levels.ready, 1);
  EXPECT_EQ(levels.supply, 2);
  EXPECT_EQ(levels.sockets.jain_index(), 1.0);  // nine each; the others are not asked
}

TEST(PodLevels, EvennessIsOfThePodsInSupply) {
  EXPECT_EQ(levels_of({serving(30), serving(10)}).sockets.jain_index(),
            40.0 * 40 / (2 * (900 + 100)));
  EXPECT_EQ(levels_of({serving(4), serving(0)}).sockets.jain_index(), 0.5);
  EXPECT_EQ(levels_of({serving(0)}).sockets.jain_index(), 1.0);
  EXPECT_EQ(PodLevels().sockets.jain_index(), 1.0);
}

TEST(PodLevels, WithoutOnePodsSocketsTheEvennessIsNotKnown) {
  EXPECT_EQ(levels_of({serving(4), serving(std::nullopt)}).sockets.jain_index(), std::nullopt);
  PodStanding leaving = serving(std::nullopt);
  leaving.terminating = true;
  EXPECT_EQ(levels_of({serving(4), leaving}).sockets.jain_index(), 1.0);
}

TEST(PodTime, CountsFromScheduledToGoneAndNothingBeforeTheRun) {
  PodTime time;
  time.change(+2, -5 * kSecond);
  EXPECT_DOUBLE_EQ(time.take(kSecond), 2.0);
  time.change(+1, 3 * kSecond / 2);
  time.change(-2, 7 * kSecond / 4);
  EXPECT_DOUBLE_EQ(time.take(2 * kSecond), 2 * 0.5 + 3 * 0.25 + 1 * 0.25);
}

TEST(PodTime, OfALiveRunBeginsWhereItsEpochTurnsOutToBe) {
  PodTime time;
  time.change(+3, 100 * kSecond);
  time.begin(104 * kSecond);
  EXPECT_DOUBLE_EQ(time.take(105 * kSecond), 3.0);
}

TEST(AttemptIsLate, WhatFailsOrOpensAfterTheObjective) {
  EXPECT_FALSE(attempt_is_late(AttemptOutcome::opened, kSecond, kSecond));
  EXPECT_TRUE(attempt_is_late(AttemptOutcome::opened, kSecond + 1, kSecond));
  EXPECT_TRUE(attempt_is_late(AttemptOutcome::failed, 0, kSecond));
  EXPECT_FALSE(attempt_is_late(AttemptOutcome::refused, kMinute, kSecond));
}

TEST(SecondMeter, RefusalsOfALeavingPodAreNotForWantOfCapacity) {
  SecondMeter meter(kSecond);
  meter.attempts({.refused = 5, .refused_draining = 2});
  EXPECT_EQ(meter.row().refused_for_capacity, 3);
  SecondMeter one_by_one(kSecond);
  for (const Admission verdict :
       {Admission::refuse_full, Admission::refuse_draining, Admission::refuse_rate}) {
    one_by_one.refused(for_want_of_capacity(verdict));
  }
  EXPECT_EQ(one_by_one.row().refused_for_capacity, 2);
  EXPECT_EQ(one_by_one.row().attempts_late, 0);
}

TEST(SecondMeter, RefusalsByNobodyKnowsWhomAreNotKnownToBeForWantOfCapacity) {
  SecondMeter meter(kSecond);
  meter.attempts({.opened = 3});
  EXPECT_EQ(meter.row().refused_for_capacity, 0);
  meter.attempts({.refused = 1});
  EXPECT_EQ(meter.row().refused_for_capacity, std::nullopt);
  EXPECT_EQ(meter.row().attempts, 4);
}

TEST(SecondMeter, TheNextSecondBeginsEmpty) {
  SecondMeter meter(kSecond);
  meter.failed();
  meter.closed(CloseCause::cut_by_failure, 4);
  const SecondRow row = meter.end();
  EXPECT_EQ(row.attempts_late, 1);
  EXPECT_EQ(row.cut_by_failure, 4);
  EXPECT_EQ(meter.row().time_s, 1);
  EXPECT_EQ(meter.row().attempts, 0);
  EXPECT_EQ(meter.row().cut_by_failure, 0);
}

}  // namespace
}  // namespace wsfleet
