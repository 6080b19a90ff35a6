// SPDX-License-Identifier: Apache-2.0
#include "server/paced_closes.h"

#include <gtest/gtest.h>

namespace wsfleet {
namespace {

constexpr DrainSettings kPaced{.mode = DrainMode::paced, .over = 10 * kSecond};
constexpr DrainSettings kNone{.mode = DrainMode::none};
constexpr std::int64_t kMany = 1000000;

TEST(PacedCloses, ADrainOrdersEachConnectionOnceHoweverOftenItIsAsked) {
  PacedCloses closes(kPaced);
  EXPECT_EQ(closes.begin_drain(5 * kSecond, 101), 101);
  std::int64_t open = 101;
  for (TimeNs now = 5 * kSecond; now < 15 * kSecond; now += 20 * kMillisecond) {
    const std::int64_t more = closes.take(now, open);
    EXPECT_GE(more, 0);
    EXPECT_LE(more, 1);  // 10 a second, asked 50 times a second
    EXPECT_EQ(closes.take(now, open), 0);
    EXPECT_GT(closes.next_due(), now);
    open -= more;
  }
  EXPECT_EQ(open, 1);
  EXPECT_EQ(closes.next_due(), 15 * kSecond);
  EXPECT_EQ(closes.take(15 * kSecond, open), 1);
  EXPECT_EQ(closes.next_due(), kNever);
}

TEST(PacedCloses, EachIsTakenWhenItIsDueByNextDue) {
  PacedCloses closes(kPaced);
  closes.begin_drain(7, 13);
  for (std::int64_t n = 0; n < 13; ++n) {
    EXPECT_EQ(closes.next_due(), 7 + close_due_at(kPaced, 13, n));
    EXPECT_EQ(closes.take(closes.next_due(), 13 - n), 1);
  }
}

TEST(PacedCloses, CatchUpAfterAPause) {
  PacedCloses closes(kPaced);
  closes.begin_drain(0, 101);
  EXPECT_EQ(closes.take(0, 101), 1);
  EXPECT_EQ(closes.take(5 * kSecond, 100), 50);
  EXPECT_EQ(closes.take(kMinute, 50), 50);
}

TEST(PacedCloses, WhoOpensAfterTheDrainIsOverIsClosedAtOnce) {
  PacedCloses closes(kPaced);
  closes.begin_drain(0, 0);  // a handshake was under way, and nobody knew
  EXPECT_EQ(closes.next_due(), kNever);
  EXPECT_EQ(closes.take(kSecond, 2), 2);
  EXPECT_EQ(closes.take(2 * kSecond, 0), 0);
}

TEST(PacedCloses, ASecondDrainChangesNothing) {
  PacedCloses closes(kPaced);
  EXPECT_EQ(closes.begin_drain(0, 101), 101);
  EXPECT_EQ(closes.take(5 * kSecond, 101), 51);
  EXPECT_EQ(closes.begin_drain(5 * kSecond, 50), 101);
  EXPECT_EQ(closes.take(10 * kSecond, 50), 50);
}

TEST(PacedCloses, WithModeNoneADrainClosesNothing) {
  PacedCloses closes(kNone);
  EXPECT_EQ(closes.begin_drain(0, 101), 101);
  EXPECT_TRUE(closes.draining());
  EXPECT_EQ(closes.take(kMinute, 101), 0);
  EXPECT_EQ(closes.next_due(), kNever);
}

TEST(PacedCloses, WithModeNoneAShedClosesAtOnceUntilTheDrain) {
  PacedCloses closes(kNone);
  EXPECT_EQ(closes.begin_shed(0, 100, 0.25), 25);
  EXPECT_EQ(closes.next_due(), 0);
  EXPECT_EQ(closes.take(0, 100), 25);
  EXPECT_EQ(closes.begin_shed(1, 75, 0.2), 15);
  closes.begin_drain(2, 75);
  EXPECT_EQ(closes.take(3, 75), 0);
}

TEST(PacedCloses, ShedsThatOverlapEachTakeTheirShareOfThoseThatStay) {
  PacedCloses closes(kPaced);
  EXPECT_EQ(closes.begin_shed(0, 100, 0.5), 50);
  const std::int64_t first = closes.take(5 * kSecond, 100);
  EXPECT_EQ(first, closes_due(kPaced, 50, 5 * kSecond));
  EXPECT_EQ(closes.begin_shed(5 * kSecond, 100 - first, 0.5), 25);  // two halves leave a quarter
  const std::int64_t both = closes.take(10 * kSecond, 100 - first);
  EXPECT_EQ(first + both, 50 + closes_due(kPaced, 25, 5 * kSecond));
  EXPECT_EQ(first + both + closes.take(kMinute, 100 - first - both), 75);
  EXPECT_EQ(closes.next_due(), kNever);
}

TEST(PacedCloses, AskedForMoreThanThereAreShedsCloseAllAndNoMore) {
  PacedCloses closes(kPaced);
  EXPECT_EQ(closes.begin_shed(0, 100, 1.0), 100);
  EXPECT_EQ(closes.begin_shed(0, 100, 0.5), 0);  // nobody stays
  EXPECT_EQ(closes.begin_shed(kSecond, 60, 0.5), 0);
  EXPECT_EQ(closes.take(kMinute, 60), 60);  // the others left by themselves
  EXPECT_EQ(closes.take(kMinute, kMany), 0);
}

TEST(PacedCloses, AShedEndsWhenNobodyIsOpen) {
  PacedCloses closes(kPaced);
  closes.begin_shed(0, 100, 0.5);
  EXPECT_EQ(closes.take(5 * kSecond, 0), 0);
  EXPECT_EQ(closes.next_due(), kNever);
  EXPECT_EQ(closes.take(9 * kSecond, kMany), 0);  // those that came since are left alone
}

TEST(PacedCloses, ADrainTakesOverFromSheds) {
  PacedCloses closes(kPaced);
  closes.begin_shed(0, 100, 0.5);
  closes.begin_shed(0, 100, 0.5);
  EXPECT_FALSE(closes.draining());
  EXPECT_EQ(closes.begin_drain(0, 11), 11);
  EXPECT_EQ(closes.take(0, 11), 1);
  EXPECT_EQ(closes.next_due(), kSecond);
  EXPECT_EQ(closes.take(5 * kSecond, 10), 5);
  EXPECT_EQ(closes.begin_shed(6 * kSecond, 5, 1.0), 0);  // they are on their way already
  EXPECT_EQ(closes.take(10 * kSecond, 5), 5);
}

}  // namespace
}  // namespace wsfleet
