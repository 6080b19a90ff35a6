// SPDX-License-Identifier: Apache-2.0
#include "scaler/policies/fixed.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "scaler/policies/testing/observation_builder.h"

namespace wsfleet {
namespace {

std::unique_ptr<Policy> make(const std::string& text, const PolicyContext& context) {
  TomlDocument document = TomlDocument::parse(text, "test.toml");
  auto policy = make_fixed(document.root().table("policy").table("fixed"), context);
  EXPECT_EQ(render(document.diagnostics()), "");
  return policy;
}

TEST(Fixed, OrdersItsNumberWhateverTheLoad) {
  FixedPolicy fixed(7);
  EXPECT_EQ(fixed.decide(fleet(0, 2, 900)).replicas, 7);
  EXPECT_EQ(fixed.decide(fleet(15, 9, 0)).replicas, 7);
}

TEST(Fixed, LeavesItsNumberAlone) {
  FixedPolicy fixed(7);
  const Decision decision = fixed.decide(fleet(0, 7, 900));
  EXPECT_TRUE(decision.changes_nothing());
  EXPECT_EQ(decision.reason, "7 replicas, as fixed");
}

TEST(Fixed, NeedsNoMetrics) {
  FixedPolicy fixed(3);
  Observation observation = fleet(0, 1, 0);
  observation.metrics = MetricsStatus::error;
  EXPECT_EQ(fixed.decide(observation).replicas, 3);
}

TEST(Fixed, DefaultsToTheInitialReplicas) {
  PolicyContext context;
  context.min_replicas = 2;
  EXPECT_EQ(make("format = 1", context)->decide(fleet(0, 1, 0)).replicas, 2);
  context.initial_replicas = 5;
  EXPECT_EQ(make("format = 1", context)->decide(fleet(0, 1, 0)).replicas, 5);
  EXPECT_EQ(make("[policy.fixed]\nreplicas = 8\n", context)->decide(fleet(0, 1, 0)).replicas, 8);
}

TEST(Fixed, NumberOutsideTheBoundsIsAMistake) {
  PolicyContext context;
  context.max_replicas = 10;
  TomlDocument document = TomlDocument::parse("[policy.fixed]\nreplicas = 11\n", "test.toml");
  make_fixed(document.root().table("policy").table("fixed"), context);
  EXPECT_NE(render(document.diagnostics()).find("must be at most 10"), std::string::npos);
}

TEST(Fixed, RestoresItsEmptyState) {
  FixedPolicy fixed(7);
  EXPECT_TRUE(fixed.restore(fixed.state()));
  EXPECT_FALSE(fixed.restore(nlohmann::json(7)));
}

}  // namespace
}  // namespace wsfleet
