// SPDX-License-Identifier: Apache-2.0
#include "cluster/balancers/power_of_two.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "cluster/balancers/chance.h"
#include "cluster/balancers/testing/balancer_picks.h"

namespace wsfleet {
namespace {

TEST(PowerOfTwo, TheEmptierOfTheTwoDrawnTheFirstWhereEqual) {
  PowerOfTwo balancer{RandomStreams(1)};
  const RandomStream chance = RandomStreams(1).stream(kBalancerStream);
  const std::vector<EndpointId> endpoints{1, 3, 4, 8, 9};
  balancer.set_endpoints(endpoints);
  std::vector<int> counts(10);
  for (std::uint64_t session = 0; session < 5000; ++session) {
    const auto [first, second] = random_pair(chance.bits(session, 0), endpoints.size());
    const EndpointId a = endpoints[first];
    const EndpointId b = endpoints[second];
    const EndpointId expected = counts[b] < counts[a] ? b : a;
    ASSERT_EQ(balancer.pick(request_of(session)), expected);
    ++counts[expected];
    if (session % 4 == 0) {
      balancer.release(expected, 0, 0);
      --counts[expected];
    }
  }
}

TEST(PowerOfTwo, StaysFarCloserTogetherThanRandom) {
  const auto spread = [](BalancerKind kind) {
    const auto balancer = make_test_balancer(kind);
    balancer->set_endpoints(endpoints_up_to(100));
    std::vector<int> counts(100);
    for (std::uint64_t session = 0; session < 10'000; ++session) {
      ++counts[*balancer->pick(request_of(session))];
    }
    const auto [least, most] = std::minmax_element(counts.begin(), counts.end());
    return *most - *least;
  };
  EXPECT_LT(spread(BalancerKind::power_of_two), 10);
  EXPECT_GT(spread(BalancerKind::random), 30);
}

TEST(PowerOfTwo, CountsSurviveAnAbsence) {
  PowerOfTwo balancer{RandomStreams(1)};
  balancer.set_endpoints({0});
  for (std::uint64_t session = 0; session < 10; ++session) balancer.pick(request_of(session));
  balancer.set_endpoints({1});
  balancer.set_endpoints({0, 1});
  for (std::uint64_t session = 10; session < 20; ++session) {
    EXPECT_EQ(balancer.pick(request_of(session)), 1U);
  }
  balancer.set_endpoints({1});
  balancer.forget(0);
  balancer.set_endpoints({0, 1});
  EXPECT_EQ(balancer.pick(request_of(20)), 0U);
}

}  // namespace
}  // namespace wsfleet
