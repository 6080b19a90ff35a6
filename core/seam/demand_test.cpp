// SPDX-License-Identifier: Apache-2.0
#include "core/seam/demand.h"

#include <gtest/gtest.h>

#include <climits>

namespace wsfleet {
namespace {

Objective objective(int connections_per_pod, int min_replicas, double cores_per_pod) {
  Objective made;
  made.connections_per_pod = connections_per_pod;
  made.min_replicas = min_replicas;
  made.cores_per_pod = cores_per_pod;
  return made;
}

TEST(Demand, IsTheMinimumWhenNobodyIsThere) {
  EXPECT_EQ(demand(objective(800, 1, 1.0), 0, 0), 1);
  EXPECT_EQ(demand(objective(800, 3, 1.0), 0, 0), 3);
  EXPECT_EQ(demand(objective(800, 0, 1.0), 0, 0), 0);
}

TEST(Demand, RoundsSessionsUpToPods) {
  const Objective eight_hundred = objective(800, 0, 1.0);
  EXPECT_EQ(demand(eight_hundred, 1, 0), 1);
  EXPECT_EQ(demand(eight_hundred, 800, 0), 1);
  EXPECT_EQ(demand(eight_hundred, 801, 0), 2);
  EXPECT_EQ(demand(eight_hundred, 1'000'000, 0), 1250);
}

TEST(Demand, IsTheGreaterOfSessionsAndCpu) {
  const Objective half_core = objective(800, 1, 0.5);
  EXPECT_EQ(demand(half_core, 1600, 0.4), 2);
  EXPECT_EQ(demand(half_core, 1600, 1.0), 2);
  EXPECT_EQ(demand(half_core, 1600, 1.1), 3);
  EXPECT_EQ(demand(half_core, 0, 2.0), 4);
}

TEST(Demand, KnowsPodsWithoutCpuLimit) { EXPECT_EQ(demand(objective(800, 1, 0), 900, 1e6), 2); }

TEST(Demand, StaysWithinAnInt) {
  EXPECT_EQ(demand(objective(1, 1, 1.0), 1e300, 0), INT_MAX);
  EXPECT_EQ(demand(objective(1, 1, 1e-300), 0, 1e300), INT_MAX);
}

}  // namespace
}  // namespace wsfleet
