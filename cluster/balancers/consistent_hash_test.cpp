// SPDX-License-Identifier: Apache-2.0
#include "cluster/balancers/consistent_hash.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "cluster/balancers/testing/balancer_picks.h"

namespace wsfleet {
namespace {

constexpr std::uint64_t kSources = 20'000;

std::vector<EndpointId> owners(Balancer& balancer) {
  std::vector<EndpointId> owner;
  for (std::uint64_t source = 0; source < kSources; ++source) {
    owner.push_back(*balancer.pick({.session = source + 7, .source = source}));
  }
  return owner;
}

std::size_t moved(const std::vector<EndpointId>& a, const std::vector<EndpointId>& b) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < a.size(); ++i) count += a[i] != b[i] ? 1 : 0;
  return count;
}

TEST(ConsistentHash, ASourceAlwaysGoesToTheSameEndpoint) {
  ConsistentHash balancer{RandomStreams(1)};
  balancer.set_endpoints(endpoints_up_to(20));
  const auto first = balancer.pick({.session = 1, .source = 42});
  EXPECT_EQ(balancer.pick({.session = 2, .attempt = 5, .source = 42, .now = kHour}), first);
}

TEST(ConsistentHash, LoadIsWithinTheSpreadOfAHundredPoints) {
  ConsistentHash balancer{RandomStreams(1)};
  balancer.set_endpoints(endpoints_up_to(20));
  std::vector<double> counts(20);
  for (const EndpointId owner : owners(balancer)) counts[owner] += 1;
  const auto [least, most] = std::minmax_element(counts.begin(), counts.end());
  EXPECT_GT(*least, 0.6 * kSources / 20);  // a standard deviation is a tenth
  EXPECT_LT(*most, 1.5 * kSources / 20);
}

TEST(ConsistentHash, ALeavingEndpointMovesItsOwnSourcesAndNoOthers) {
  ConsistentHash balancer{RandomStreams(1)};
  balancer.set_endpoints(endpoints_up_to(20));
  const auto before = owners(balancer);
  auto endpoints = endpoints_up_to(20);
  std::erase(endpoints, 7U);
  balancer.set_endpoints(endpoints);
  const auto after = owners(balancer);
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i] != 7) {
      ASSERT_EQ(after[i], before[i]);
    }
    ASSERT_NE(after[i], 7U);
  }
  EXPECT_NEAR(static_cast<double>(moved(before, after)), kSources / 20.0, 0.4 * kSources / 20.0);

  balancer.set_endpoints(endpoints_up_to(20));
  EXPECT_EQ(owners(balancer), before);
}

TEST(ConsistentHash, AJoiningEndpointTakesAboutItsShareAndNothingElseMoves) {
  ConsistentHash balancer{RandomStreams(1)};
  balancer.set_endpoints(endpoints_up_to(9));
  const auto before = owners(balancer);
  balancer.set_endpoints(endpoints_up_to(10));
  const auto after = owners(balancer);
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (after[i] != 9) {
      ASSERT_EQ(after[i], before[i]);
    }
  }
  EXPECT_NEAR(static_cast<double>(moved(before, after)), kSources / 10.0, 0.4 * kSources / 10.0);
}

TEST(ConsistentHash, TheWayToAListDoesNotMatter) {
  ConsistentHash grown{RandomStreams(1)};
  for (EndpointId count = 1; count <= 12; ++count) grown.set_endpoints(endpoints_up_to(count));
  ConsistentHash built{RandomStreams(1)};
  built.set_endpoints(endpoints_up_to(12));
  EXPECT_EQ(owners(grown), owners(built));
}

TEST(ConsistentHash, ANumbersNextPodHasPointsOfItsOwn) {
  ConsistentHash balancer{RandomStreams(1)};
  balancer.set_endpoints(endpoints_up_to(10));
  const auto before = owners(balancer);
  auto endpoints = endpoints_up_to(10);
  std::erase(endpoints, 4U);
  balancer.set_endpoints(endpoints);
  balancer.forget(4);
  balancer.set_endpoints(endpoints_up_to(10));
  const auto after = owners(balancer);
  std::size_t kept = 0;
  std::size_t had = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    had += before[i] == 4 ? 1 : 0;
    kept += before[i] == 4 && after[i] == 4 ? 1 : 0;
  }
  EXPECT_LT(kept, had / 3);
}

}  // namespace
}  // namespace wsfleet
