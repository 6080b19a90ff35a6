// SPDX-License-Identifier: Apache-2.0
#include "server/paced_closes.h"

#include <gtest/gtest.h>

namespace wsfleet {
namespace {

constexpr DrainSettings kPaced{.mode = DrainMode::paced, .over = 10 * kSecond};

TEST(PacedCloses, OrdersEachConnectionOnceHoweverOftenItIsAsked) {
  PacedCloses closes(kPaced, 101, 5 * kSecond);
  std::int64_t ordered = 0;
  for (TimeNs now = 5 * kSecond; now <= 15 * kSecond; now += 20 * kMillisecond) {
    const std::int64_t more = closes.take(now);
    EXPECT_GE(more, 0);
    EXPECT_LE(more, 1);  // 10 a second, asked 50 times a second
    EXPECT_EQ(closes.take(now), 0);
    ordered += more;
  }
  EXPECT_EQ(ordered, 101);
  EXPECT_TRUE(closes.done());
}

TEST(PacedCloses, CatchesUpAfterAPause) {
  PacedCloses closes(kPaced, 101, 0);
  EXPECT_EQ(closes.take(0), 1);
  EXPECT_EQ(closes.take(5 * kSecond), 50);
  EXPECT_FALSE(closes.done());
  EXPECT_EQ(closes.take(60 * kSecond), 50);
  EXPECT_TRUE(closes.done());
}

TEST(PacedCloses, WithModeNoneNothingIsOrderedAndNothingAwaited) {
  PacedCloses closes({.mode = DrainMode::none}, 101, 0);
  EXPECT_EQ(closes.take(60 * kSecond), 0);
  EXPECT_TRUE(closes.done());
}

TEST(PacedCloses, OfNothingIsDone) {
  PacedCloses closes(kPaced, 0, 0);
  EXPECT_EQ(closes.take(0), 0);
  EXPECT_TRUE(closes.done());
}

}  // namespace
}  // namespace wsfleet
