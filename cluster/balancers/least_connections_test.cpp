// SPDX-License-Identifier: Apache-2.0
#include "cluster/balancers/least_connections.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>

#include "cluster/balancers/testing/balancer_picks.h"

namespace wsfleet {
namespace {

TEST(LeastConnections, GoesRoundWhileAllAreEqual) {
  LeastConnections balancer;
  balancer.set_endpoints({0, 1, 2});
  std::vector<EndpointId> picked;
  for (int i = 0; i < 6; ++i) picked.push_back(*balancer.pick(request_of(1)));
  EXPECT_THAT(picked, ::testing::ElementsAre(0, 1, 2, 0, 1, 2));
}

TEST(LeastConnections, ANewEndpointTakesEverythingUntilItIsLevel) {
  LeastConnections balancer;
  balancer.set_endpoints({0, 1});
  for (int i = 0; i < 20; ++i) balancer.pick(request_of(1));
  balancer.set_endpoints({0, 1, 2});
  for (int i = 0; i < 10; ++i) EXPECT_EQ(balancer.pick(request_of(1)), 2U);
  EXPECT_EQ(balancer.connections(2), 10U);
  EXPECT_EQ(balancer.pick(request_of(1)), 0U);
}

TEST(LeastConnections, AmongEqualsTheOneThatWaitedLongest) {
  LeastConnections balancer;
  balancer.set_endpoints({0, 1, 2});
  for (int i = 0; i < 3; ++i) balancer.pick(request_of(1));
  balancer.release(1, 0, 0);
  balancer.release(0, 0, 0);
  EXPECT_EQ(balancer.pick(request_of(1)), 1U);
  EXPECT_EQ(balancer.pick(request_of(1)), 0U);
  EXPECT_EQ(balancer.pick(request_of(1)), 2U);
}

TEST(LeastConnections, ForgetsAPodThatIsGone) {
  LeastConnections balancer;
  balancer.set_endpoints({0});
  for (int i = 0; i < 5; ++i) balancer.pick(request_of(1));
  balancer.set_endpoints({});
  EXPECT_EQ(balancer.connections(0), 5U);
  balancer.forget(0);
  EXPECT_EQ(balancer.connections(0), 0U);
  // Also where it is told too early.
  balancer.set_endpoints({0, 1});
  for (int i = 0; i < 6; ++i) balancer.pick(request_of(1));
  balancer.forget(1);
  EXPECT_EQ(balancer.pick(request_of(1)), 1U);
}

// Picks, releases (also of endpoints that left) and changes of the list, against plain counting.
TEST(LeastConnections, AlwaysPicksAMinimum) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const RandomStream chance(seed, "test");
    LeastConnections balancer;
    std::map<EndpointId, std::uint32_t> counts;
    std::vector<EndpointId> open;
    std::vector<EndpointId> endpoints;
    for (std::uint64_t i = 0; i < 3000; ++i) {
      if (i % 40 == 0) {
        endpoints.clear();
        for (EndpointId id = 0; id < 12; ++id) {
          if (chance.uniform(i, id) < 0.7) endpoints.push_back(id);
        }
        balancer.set_endpoints(endpoints);
      }
      const bool mostly_picks = (i / 300) % 2 == 0;
      const auto picked = chance.uniform(i, 50) < (mostly_picks ? 0.8 : 0.3)
                              ? balancer.pick(request_of(i))
                              : std::nullopt;
      if (picked) {
        std::uint32_t fewest = UINT32_MAX;
        for (const EndpointId id : endpoints) fewest = std::min(fewest, counts[id]);
        ASSERT_EQ(counts[*picked], fewest) << seed << " " << i;
        ++counts[*picked];
        open.push_back(*picked);
      } else if (!open.empty()) {
        const std::size_t which = chance.below(open.size(), i, 51);
        balancer.release(open[which], 0, 0);
        --counts[open[which]];
        open.erase(open.begin() + static_cast<std::ptrdiff_t>(which));
      }
      for (const auto& [id, count] : counts) ASSERT_EQ(balancer.connections(id), count);
    }
  }
}

}  // namespace
}  // namespace wsfleet
