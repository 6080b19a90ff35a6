// SPDX-License-Identifier: Apache-2.0
#include "cluster/fault_victims.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "core/random.h"

namespace wsfleet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

TEST(FaultVictims, AreDrawnByTheFaultAndThePick) {
  const RandomStream stream(7, "cluster.fault_choice");
  const std::vector<std::size_t> chosen = choose_victims(7, 3, 2, 10);
  ASSERT_THAT(chosen, SizeIs(2));
  EXPECT_EQ(chosen[0], stream.below(10, 3, 0));
  const std::size_t among_the_rest = stream.below(9, 3, 1);
  EXPECT_EQ(chosen[1], among_the_rest + (among_the_rest >= chosen[0] ? 1 : 0));
}

TEST(FaultVictims, NoneIsHitTwice) {
  for (std::uint64_t fault = 0; fault < 50; ++fault) {
    EXPECT_THAT(choose_victims(1, fault, 4, 4), UnorderedElementsAre(0, 1, 2, 3));
  }
}

TEST(FaultVictims, AreAllWhereTheyAreTooFew) {
  EXPECT_THAT(choose_victims(1, 0, 1'000'000, 2), UnorderedElementsAre(0, 1));
  EXPECT_THAT(choose_victims(1, 0, 3, 0), IsEmpty());
  EXPECT_THAT(choose_victims(1, 0, 0, 3), IsEmpty());
}

// A fault that hits more also hits those that a smaller one would.
TEST(FaultVictims, OfASmallerFaultAreThoseOfALargerOne) {
  const std::vector<std::size_t> many = choose_victims(5, 2, 6, 20);
  const std::vector<std::size_t> few = choose_victims(5, 2, 2, 20);
  EXPECT_THAT(few, ElementsAre(many[0], many[1]));
}

TEST(FaultVictims, DifferBySeedAndByFault) {
  std::vector<int> hits(10);
  int same_by_seed = 0;
  for (std::uint64_t fault = 0; fault < 1000; ++fault) {
    const std::size_t victim = choose_victims(1, fault, 1, 10).front();
    ++hits[victim];
    if (victim == choose_victims(2, fault, 1, 10).front()) ++same_by_seed;
  }
  EXPECT_GT(*std::min_element(hits.begin(), hits.end()), 60);
  EXPECT_LT(*std::max_element(hits.begin(), hits.end()), 140);
  EXPECT_LT(same_by_seed, 140);
}

TEST(FaultVictims, AreOfThosePodsThatServeAndStay) {
  EXPECT_TRUE(may_be_hit(/*serves=*/true, /*leaving=*/false));
  EXPECT_FALSE(may_be_hit(true, true));
  EXPECT_FALSE(may_be_hit(false, false));
}

}  // namespace
}  // namespace wsfleet
