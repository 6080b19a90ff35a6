// SPDX-License-Identifier: Apache-2.0
#include "cluster/balancers/random.h"

#include <gtest/gtest.h>

#include "cluster/balancers/testing/balancer_picks.h"

namespace wsfleet {
namespace {

TEST(RandomChoice, IsUniform) {
  const auto balancer = make_test_balancer(BalancerKind::random);
  balancer->set_endpoints(endpoints_up_to(10));
  std::vector<int> counts(10);
  for (std::uint64_t session = 0; session < 100'000; ++session) {
    ++counts[*balancer->pick(request_of(session))];
  }
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 475);  // five standard deviations
}

TEST(RandomChoice, DependsOnSessionAttemptAndSeedAlone) {
  const auto balancer = make_test_balancer(BalancerKind::random);
  const auto other_seed = make_test_balancer(BalancerKind::random, 2);
  balancer->set_endpoints(endpoints_up_to(1000));
  other_seed->set_endpoints(endpoints_up_to(1000));
  int same_attempt = 0;
  int same_seed = 0;
  for (std::uint64_t session = 0; session < 100; ++session) {
    PickRequest request = request_of(session);
    const auto first = balancer->pick(request);
    EXPECT_EQ(first, balancer->pick(request));
    same_seed += first == other_seed->pick(request) ? 1 : 0;
    request.attempt = 1;
    same_attempt += first == balancer->pick(request) ? 1 : 0;
  }
  EXPECT_LE(same_attempt, 3);
  EXPECT_LE(same_seed, 3);
}

}  // namespace
}  // namespace wsfleet
