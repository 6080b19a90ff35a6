// SPDX-License-Identifier: Apache-2.0
#include "scaler/policies/oracle.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "scaler/policies/testing/observation_builder.h"

namespace wsfleet {
namespace {

class Oracle : public testing::Test {
 protected:
  // d = 2 at first, 9 in second 100 alone, 4 from second 200 to the end at 299.
  Oracle() : demand_(300, 2) {
    demand_[100] = 9;
    std::fill(demand_.begin() + 200, demand_.end(), 4);
    settings_.demand_per_second = &demand_;
    settings_.max_replicas = 50;
  }

  std::optional<int> decided(double time_s, int replicas) {
    return OraclePolicy(settings_).decide(fleet(time_s, replicas, 0)).replicas;
  }

  std::vector<int> demand_;
  OracleSettings settings_;
};

TEST_F(Oracle, OrdersThePeakOfTheLeadTime) {
  EXPECT_EQ(decided(39, 1), 2);   // [39, 99]
  EXPECT_EQ(decided(40, 1), 9);   // [40, 100]: the end is within
  EXPECT_EQ(decided(100, 1), 9);  // [100, 160]: so is the beginning
  EXPECT_EQ(decided(101, 9), 2);
}

TEST_F(Oracle, PartOfASecondBelongsToTheSecondThatItLiesIn) {
  EXPECT_EQ(decided(100.9, 2), 9);
  EXPECT_EQ(decided(39.5, 1), 2);  // up to 99.5
}

TEST_F(Oracle, OrdersNothingWhenThePeakIsThere) { EXPECT_EQ(decided(150, 4), std::nullopt); }

TEST_F(Oracle, BeforeTheRunTheFirstSecondCounts) { EXPECT_EQ(decided(-100, 1), 2); }

TEST_F(Oracle, AfterTheEndTheLastSecondCounts) {
  EXPECT_EQ(decided(290, 1), 4);
  EXPECT_EQ(decided(5000, 1), 4);
}

TEST_F(Oracle, StaysWithinTheBounds) {
  settings_.max_replicas = 6;
  EXPECT_EQ(decided(50, 1), 6);
  settings_.min_replicas = 3;
  EXPECT_EQ(decided(0, 1), 3);
}

TEST_F(Oracle, LeadTimeZeroFollowsTheDemand) {
  settings_.lead_time = 0;
  EXPECT_EQ(decided(99, 1), 2);
  EXPECT_EQ(decided(100, 1), 9);
}

TEST_F(Oracle, IgnoresTheMetrics) {
  Observation observation = fleet(50, 1, 0);
  observation.metrics = MetricsStatus::error;
  EXPECT_EQ(OraclePolicy(settings_).decide(observation).replicas, 9);
}

TEST_F(Oracle, HoldsWhereTheFutureIsNotKnown) {
  settings_.demand_per_second = nullptr;
  EXPECT_EQ(decided(50, 1), std::nullopt);
  const std::vector<int> none;
  settings_.demand_per_second = &none;
  EXPECT_EQ(decided(50, 1), std::nullopt);
}

TEST_F(Oracle, ReadsItsLeadTime) {
  TomlDocument document =
      TomlDocument::parse("[policy.oracle]\nlead_time = \"10s\"\n", "test.toml");
  PolicyContext context;
  context.demand_per_second = &demand_;
  const auto oracle = make_oracle(document.root().table("policy").table("oracle"), context);
  EXPECT_EQ(render(document.diagnostics()), "");
  EXPECT_EQ(oracle->decide(fleet(89, 1, 0)).replicas, 2);
  EXPECT_EQ(oracle->decide(fleet(90, 1, 0)).replicas, 9);
  EXPECT_TRUE(oracle->restore(oracle->state()));
}

}  // namespace
}  // namespace wsfleet
