// SPDX-License-Identifier: Apache-2.0
#include "scaler/policy_setup.h"

#include <gtest/gtest.h>

namespace wsfleet {
namespace {

TEST(PolicySetup, ThePolicysOwnIntervalUnlessTheScenarioSaysOtherwise) {
  ScalerSettings scaler;
  EXPECT_EQ(effective_interval(scaler, *find_policy("original")), 5 * kSecond);
  EXPECT_EQ(control_loop_settings(scaler, *find_policy("hpa")).interval, 15 * kSecond);
  scaler.interval = 7 * kSecond;
  EXPECT_EQ(control_loop_settings(scaler, *find_policy("hpa")).interval, 7 * kSecond);
}

TEST(PolicySetup, DecisionsAreHeldWhereWsfleetScalerRunsThePolicy) {
  ScalerSettings scaler;
  EXPECT_FALSE(control_loop_settings(scaler, *find_policy("hpa")).hold.on_doubt);
  scaler.run_by = RunBy::wsfleet_scaler;
  EXPECT_TRUE(control_loop_settings(scaler, *find_policy("hpa")).hold.on_doubt);
}

TEST(PolicySetup, TheBoundsAreThoseOfTheSection) {
  ScalerSettings scaler;
  scaler.min_replicas = 2;
  scaler.max_replicas = 9;
  const ControlLoopSettings loop = control_loop_settings(scaler, *find_policy("hpa"), kMinute);
  EXPECT_EQ(loop.min_replicas, 2);
  EXPECT_EQ(loop.max_replicas, 9);
  EXPECT_EQ(loop.end, kMinute);
  const PolicyContext context = policy_context(scaler, 500, 100);
  EXPECT_EQ(context.min_replicas, 2);
  EXPECT_EQ(context.max_replicas, 9);
  EXPECT_EQ(context.initial_replicas, 2);
  EXPECT_EQ(context.server_max_connections, 500);
  EXPECT_EQ(context.connections_per_pod, 100);
  EXPECT_EQ(context.demand_per_second, nullptr);
}

}  // namespace
}  // namespace wsfleet
