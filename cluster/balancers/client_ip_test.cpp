// SPDX-License-Identifier: Apache-2.0
#include "cluster/balancers/client_ip.h"

#include <gtest/gtest.h>

#include "cluster/balancers/testing/balancer_picks.h"

namespace wsfleet {
namespace {

PickRequest from(std::uint64_t source, std::uint64_t session, TimeNs now) {
  return {.session = session, .attempt = 0, .source = source, .now = now};
}

TEST(ClientIp, ASourceSticksAndSourcesSpread) {
  ClientIp balancer(3 * kHour, RandomStreams(1));
  balancer.set_endpoints(endpoints_up_to(10));
  std::vector<int> counts(10);
  for (std::uint64_t source = 0; source < 10'000; ++source) {
    const auto first = balancer.pick(from(source, source, 0));
    ++counts[*first];
    EXPECT_EQ(balancer.pick(from(source, 1'000'000 + source, kHour)), first);
  }
  for (const int count : counts) EXPECT_NEAR(count, 1000, 150);  // five standard deviations
}

// With many endpoints a fresh draw hits the same one once in a thousand.
TEST(ClientIp, TheTimeoutRunsFromTheLastConnection) {
  ClientIp balancer(3 * kHour, RandomStreams(1));
  balancer.set_endpoints(endpoints_up_to(1000));
  const auto first = balancer.pick(from(5, 1, 0));
  EXPECT_EQ(balancer.pick(from(5, 2, 2 * kHour)), first);
  EXPECT_EQ(balancer.pick(from(5, 3, 5 * kHour)), first);  // 3 h after the last one
  EXPECT_NE(balancer.pick(from(5, 4, 8 * kHour + 1)), first);
}

TEST(ClientIp, PicksAgainWhenTheEndpointIsGone) {
  ClientIp balancer(3 * kHour, RandomStreams(1));
  balancer.set_endpoints({0, 1, 2});
  const auto first = *balancer.pick(from(5, 1, 0));
  std::vector<EndpointId> others{0, 1, 2};
  std::erase(others, first);
  balancer.set_endpoints(others);
  const auto second = balancer.pick(from(5, 2, kSecond));
  EXPECT_NE(second, first);
  balancer.set_endpoints({0, 1, 2});
  for (std::uint64_t session = 3; session < 50; ++session) {
    EXPECT_EQ(balancer.pick(from(5, session, kMinute)), second);
  }
}

TEST(ClientIp, AnEndpointThatLeftAndCameBackHasLostItsSources) {
  ClientIp balancer(3 * kHour, RandomStreams(1));
  balancer.set_endpoints(endpoints_up_to(1000));
  int still_there = 0;
  std::vector<EndpointId> first;
  for (std::uint64_t source = 0; source < 100; ++source) {
    first.push_back(*balancer.pick(from(source, source, 0)));
  }
  balancer.set_endpoints({});
  balancer.set_endpoints(endpoints_up_to(1000));
  for (std::uint64_t source = 0; source < 100; ++source) {
    still_there += balancer.pick(from(source, 500 + source, 1)) == first[source] ? 1 : 0;
  }
  EXPECT_LE(still_there, 3);
}

TEST(ClientIp, EndpointsThatStayKeepTheirSources) {
  ClientIp balancer(3 * kHour, RandomStreams(1));
  balancer.set_endpoints({0, 1});
  std::vector<EndpointId> first;
  for (std::uint64_t source = 0; source < 100; ++source) {
    first.push_back(*balancer.pick(from(source, source, 0)));
  }
  balancer.set_endpoints({0, 1, 2, 3});
  for (std::uint64_t source = 0; source < 100; ++source) {
    EXPECT_EQ(balancer.pick(from(source, 500 + source, 1)), first[source]);
  }
}

TEST(ClientIp, ExpiredSourcesMakeRoom) {
  ClientIp balancer(kMinute, RandomStreams(1));
  balancer.set_endpoints(endpoints_up_to(10));
  // A thousand new sources a second: 60,000 hold at a time, out of a million.
  for (std::uint64_t source = 0; source < 1'000'000; ++source) {
    balancer.pick(from(source, source, static_cast<TimeNs>(source) * kMillisecond));
    ASSERT_LE(balancer.remembered(), 140'000U);
  }
}

TEST(ClientIp, AFullTableKeepsWhatHolds) {
  ClientIp balancer(kHour, RandomStreams(1));
  balancer.set_endpoints(endpoints_up_to(1000));
  std::vector<EndpointId> first;
  for (std::uint64_t source = 0; source < 50'000; ++source) {
    first.push_back(*balancer.pick(from(source, source, 0)));
  }
  for (std::uint64_t source = 0; source < 50'000; ++source) {
    ASSERT_EQ(balancer.pick(from(source, 100'000 + source, kMinute)), first[source]);
  }
  EXPECT_EQ(balancer.remembered(), 50'000U);
}

}  // namespace
}  // namespace wsfleet
