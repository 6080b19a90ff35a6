// SPDX-License-Identifier: Apache-2.0
// What holds for every balancer of the table, and that each has its test and its documentation.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "build_paths/source_dir.h"
#include "cluster/balancers/chance.h"
#include "cluster/balancers/testing/balancer_picks.h"

namespace wsfleet {
namespace {

class EveryBalancer : public ::testing::TestWithParam<std::pair<const char*, BalancerKind>> {
 protected:
  std::unique_ptr<Balancer> balancer_ = make_test_balancer(GetParam().second);
};

INSTANTIATE_TEST_SUITE_P(Table, EveryBalancer, ::testing::ValuesIn(balancer_names()),
                         [](const auto& param) { return std::string(param.param.first); });

TEST_P(EveryBalancer, PicksNothingWithoutEndpoints) {
  EXPECT_EQ(balancer_->pick(request_of(1)), std::nullopt);
  balancer_->set_endpoints({3});
  EXPECT_EQ(balancer_->pick(request_of(1)), 3U);
  balancer_->set_endpoints({});
  EXPECT_EQ(balancer_->pick(request_of(1)), std::nullopt);
  balancer_->set_endpoints({3});
  EXPECT_EQ(balancer_->pick(request_of(1)), 3U);
}

TEST_P(EveryBalancer, PicksOnlyWhatIsListedWhileTheListChanges) {
  const RandomStream chance(7, "test");
  std::vector<std::pair<EndpointId, TimeNs>> open;
  std::vector<EndpointId> endpoints;
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    const auto now = static_cast<TimeNs>(i) * kMillisecond;
    if (i % 50 == 0) {
      endpoints.clear();
      for (EndpointId id = 0; id < 20; ++id) {
        if (chance.uniform(i, id) < 0.6) endpoints.push_back(id);
      }
      balancer_->advance_to(now);
      balancer_->set_endpoints(endpoints);
    }
    if (const auto picked = balancer_->pick(request_of(i, now))) {
      ASSERT_TRUE(std::binary_search(endpoints.begin(), endpoints.end(), *picked)) << i;
      open.emplace_back(*picked, now);
    } else {
      ASSERT_TRUE(endpoints.empty());
    }
    if (open.size() > 100) {  // of endpoints that left, too
      const std::size_t which = chance.below(open.size(), i, 99);
      balancer_->release(open[which].first, now, now - open[which].second);
      open.erase(open.begin() + static_cast<std::ptrdiff_t>(which));
    }
  }
}

TEST_P(EveryBalancer, IsDeterministic) {
  const auto other = make_test_balancer(GetParam().second);
  for (Balancer* balancer : {balancer_.get(), other.get()}) {
    balancer->set_endpoints({0, 2, 5, 9});
  }
  for (std::uint64_t session = 0; session < 1000; ++session) {
    const auto picked = balancer_->pick(request_of(session));
    ASSERT_EQ(picked, other->pick(request_of(session)));
    if (session % 3 != 0) continue;
    balancer_->release(*picked, kSecond, kSecond);
    other->release(*picked, kSecond, kSecond);
  }
}

TEST_P(EveryBalancer, UsesAllEndpoints) {
  balancer_->set_endpoints(endpoints_up_to(8));
  std::set<EndpointId> seen;
  for (std::uint64_t session = 0; session < 500; ++session) {
    seen.insert(*balancer_->pick(request_of(session)));
  }
  EXPECT_EQ(seen.size(), 8U);
}

TEST_P(EveryBalancer, SurvivesTheEndOfAPodAndItsNumberComingBack) {
  balancer_->set_endpoints({0, 1});
  std::vector<EndpointId> open;
  for (std::uint64_t i = 0; i < 20; ++i) open.push_back(*balancer_->pick(request_of(i)));
  balancer_->set_endpoints({1});
  for (const EndpointId id : open) balancer_->release(id, kSecond, kSecond);
  balancer_->forget(0);
  balancer_->forget(77);  // never heard of
  balancer_->release(77, 0, 0);
  balancer_->release(1, kSecond, kSecond);  // one too many: counts stay at zero
  balancer_->set_endpoints({0, 1});
  std::set<EndpointId> seen;
  for (std::uint64_t i = 100; i < 200; ++i) {
    const auto picked = *balancer_->pick(request_of(i, 2 * kSecond));
    seen.insert(picked);
  }
  EXPECT_TRUE(seen.contains(0));
}

TEST_P(EveryBalancer, HasItsFilesAndItsSectionInTheDocs) {
  const std::string name = GetParam().first;
  const std::string folder = WSFLEET_SOURCE_DIR "/cluster/balancers/";
  for (const char* suffix : {".h", ".cpp", "_test.cpp"}) {
    EXPECT_TRUE(std::filesystem::exists(folder + name + suffix)) << name << suffix;
  }
  std::ifstream file(WSFLEET_SOURCE_DIR "/docs/balancers.md");
  std::stringstream page;
  page << file.rdbuf();
  EXPECT_THAT(page.str(), ::testing::HasSubstr("\n## " + name + "\n"));
}

TEST(Balancers, EveryKindIsInTheTable) {
  const BalancerKind kinds[] = {BalancerKind::round_robin,    BalancerKind::least_connections,
                                BalancerKind::power_of_two,   BalancerKind::ewma,
                                BalancerKind::client_ip,      BalancerKind::random,
                                BalancerKind::consistent_hash};
  EXPECT_EQ(balancer_names().size(), std::size(kinds));
  for (const BalancerKind kind : kinds) EXPECT_NE(make_test_balancer(kind), nullptr);
}

TEST(Chance, PairsAreDifferentAndEveryOrderedPairIsAsLikely) {
  const RandomStream chance(1, "test");
  constexpr int kDraws = 60'000;
  std::vector<int> counts(16);
  for (std::uint64_t key = 0; key < kDraws; ++key) {
    const auto [first, second] = random_pair(chance.bits(key), 4);
    ASSERT_NE(first, second);
    ASSERT_LT(std::max(first, second), 4U);
    ++counts[first * 4 + second];
  }
  for (std::size_t i = 0; i < 16; ++i) {
    if (i % 5 == 0) continue;
    EXPECT_NEAR(counts[i], kDraws / 12, 350) << i;  // five standard deviations
  }
}

TEST(Chance, PairFollowsTheShuffleOfIngressNginx) {
  // Draws r1 of 1..n and r2 of 2..n: peers[1], peers[r1] swap, then peers[2], peers[r2].
  for (std::uint32_t r1 = 1; r1 <= 3; ++r1) {
    for (std::uint32_t r2 = 2; r2 <= 3; ++r2) {
      std::vector<std::size_t> peers{0, 1, 2};
      std::swap(peers[0], peers[r1 - 1]);
      std::swap(peers[1], peers[r2 - 1]);
      const std::uint64_t high = (std::uint64_t{r1 - 1} << 32) / 3 + 1;
      const std::uint64_t low = (std::uint64_t{r2 - 2} << 32) / 2 + 1;
      EXPECT_EQ(random_pair(high << 32 | low, 3), std::make_pair(peers[0], peers[1]));
    }
  }
}

}  // namespace
}  // namespace wsfleet
