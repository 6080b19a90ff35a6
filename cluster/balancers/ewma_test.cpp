// SPDX-License-Identifier: Apache-2.0
// Besides tests/vectors/ewma.json (vectors_test.cpp): formulas by hand, what they do to sockets.
#include "cluster/balancers/ewma.h"

#include <gtest/gtest.h>

#include <cmath>

#include "cluster/balancers/testing/balancer_picks.h"

namespace wsfleet {
namespace {

const double kOverE = std::exp(-1.0);  // what is left of a score after ten seconds

TEST(Ewma, ByHand) {
  Ewma balancer{RandomStreams(1)};
  balancer.set_endpoints({0, 1});
  balancer.release(0, 100 * kSecond, 4 * kSecond);
  EXPECT_DOUBLE_EQ(balancer.score(0, 100 * kSecond), 4.0);
  EXPECT_DOUBLE_EQ(balancer.score(0, 110 * kSecond), 4.0 * kOverE);
  balancer.release(0, 110 * kSecond, 8 * kSecond);
  EXPECT_DOUBLE_EQ(balancer.score(0, 110 * kSecond), 4.0 * kOverE + 8.0 * (1.0 - kOverE));
  EXPECT_EQ(balancer.score(1, 110 * kSecond), 0.0);
}

TEST(Ewma, APickIsNoSample) {
  Ewma balancer{RandomStreams(1)};
  balancer.set_endpoints({0, 1});
  balancer.release(0, 0, 4 * kSecond);
  for (std::uint64_t session = 0; session < 100; ++session) {
    balancer.pick(request_of(session, 0));
  }
  EXPECT_EQ(balancer.score(0, 0), 4.0);
  EXPECT_EQ(balancer.score(1, 0), 0.0);
}

TEST(Ewma, ForgetsTheScoreOfAnEndpointThatLeaves) {
  Ewma balancer{RandomStreams(1)};
  balancer.set_endpoints({0, 1});
  balancer.release(0, kSecond, 4 * kSecond);
  balancer.set_endpoints({1});
  EXPECT_EQ(balancer.score(0, kSecond), 0.0);
  balancer.set_endpoints({0, 1});  // nobody has a score to take the mean of
  EXPECT_EQ(balancer.score(0, kSecond), 0.0);
}

TEST(Ewma, ANewEndpointStartsWhenTimeHasBeenAdvancedTo) {
  Ewma balancer{RandomStreams(1)};
  balancer.set_endpoints({0});
  balancer.release(0, kSecond, 4 * kSecond);
  balancer.advance_to(31 * kSecond);
  balancer.set_endpoints({0, 1});
  EXPECT_DOUBLE_EQ(balancer.score(1, 31 * kSecond), 4.0);
  EXPECT_DOUBLE_EQ(balancer.score(1, 41 * kSecond), 4.0 * kOverE);
}

// The share of picks of endpoint 0 of four that are otherwise alike: a half where it wins every
// draw (the chance of being drawn), none where it loses every one.
double share_of_first(Ewma& balancer, TimeNs now) {
  int first = 0;
  for (std::uint64_t session = 0; session < 4000; ++session) {
    first += balancer.pick(request_of(session, now)) == 0U ? 1 : 0;
  }
  return first / 4000.0;
}

TEST(Ewma, WhatItDoesToSockets) {
  Ewma refusing{RandomStreams(1)};
  refusing.set_endpoints({0, 1, 2, 3});
  for (const EndpointId id : {0U, 1U, 2U, 3U}) refusing.release(id, 0, 600 * kSecond);
  refusing.release(0, kMinute, 2 * kMillisecond);
  for (const EndpointId id : {1U, 2U, 3U}) refusing.release(id, kMinute, 600 * kSecond);
  EXPECT_NEAR(share_of_first(refusing, kMinute), 0.5, 0.04) << "a refusal is a fast answer";

  Ewma long_lived{RandomStreams(1)};
  long_lived.set_endpoints({0, 1, 2, 3});
  for (const EndpointId id : {0U, 1U, 2U, 3U}) long_lived.release(id, 0, 10 * kSecond);
  long_lived.release(0, 10 * kSecond, 6 * kHour);
  for (const EndpointId id : {1U, 2U, 3U}) long_lived.release(id, 10 * kSecond, 10 * kSecond);
  EXPECT_EQ(share_of_first(long_lived, 10 * kSecond), 0.0) << "one old socket closed";
  EXPECT_EQ(share_of_first(long_lived, kMinute), 0.0) << "and a minute later";
}

}  // namespace
}  // namespace wsfleet
