// SPDX-License-Identifier: Apache-2.0
#include "cluster/balancers/round_robin.h"

#include <gmock/gmock.h>

#include "cluster/balancers/testing/balancer_picks.h"

namespace wsfleet {
namespace {

std::vector<EndpointId> picks(Balancer& balancer, int count) {
  std::vector<EndpointId> picked;
  for (int i = 0; i < count; ++i) picked.push_back(*balancer.pick(request_of(1)));
  return picked;
}

TEST(RoundRobin, EachInTurn) {
  RoundRobin balancer;
  balancer.set_endpoints({2, 4, 7});
  EXPECT_THAT(picks(balancer, 7), ::testing::ElementsAre(2, 4, 7, 2, 4, 7, 2));
}

TEST(RoundRobin, TheTurnGoesOnBehindTheLastPickWhenTheListChanges) {
  RoundRobin balancer;
  balancer.set_endpoints({0, 1, 2, 3});
  picks(balancer, 2);
  balancer.set_endpoints({0, 1, 3});  // 2 was next
  EXPECT_THAT(picks(balancer, 2), ::testing::ElementsAre(3, 0));
  balancer.set_endpoints({1, 2, 3});  // 0 was last
  EXPECT_THAT(picks(balancer, 3), ::testing::ElementsAre(1, 2, 3));
  balancer.set_endpoints({1, 2});  // nothing behind 3
  EXPECT_THAT(picks(balancer, 1), ::testing::ElementsAre(1));
}

TEST(RoundRobin, ANewEndpointDoesNotCatchUp) {
  RoundRobin balancer;
  balancer.set_endpoints({0});
  picks(balancer, 1000);
  balancer.set_endpoints({0, 1});
  EXPECT_THAT(picks(balancer, 4), ::testing::ElementsAre(1, 0, 1, 0));
}

}  // namespace
}  // namespace wsfleet
