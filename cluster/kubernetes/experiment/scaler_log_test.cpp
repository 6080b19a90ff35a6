// SPDX-License-Identifier: Apache-2.0
// Which lines of a scaler's log are decisions.
#include "cluster/kubernetes/experiment/scaler_log.h"

#include <gtest/gtest.h>

namespace wsfleet {
namespace {

constexpr const char* kLine =
    R"({"at": "2026-01-01T00:00:15.000Z", "leader": "websocket-scaler-a", "dry_run": false,)"
    R"( "time_s": 15.0, "replicas": 1, "status_replicas": 1, "metrics": "error", "pods": [],)"
    R"( "held": {"reason": "metrics_error", "text": "no metrics", "what": ["replicas"]},)"
    R"( "decision": {"replicas": 3, "drain": [], "shed": [],)"
    R"( "deletion_costs": {}, "reason": "150 connections"}})";

TEST(ScalerDecision, IsReadWithWhatBecameOfIt) {
  const auto found = scaler_decision(kLine);
  ASSERT_TRUE(found);
  EXPECT_DOUBLE_EQ(found->observation.time_s, 15.0);
  EXPECT_EQ(found->decision.replicas, 3);
  EXPECT_EQ(found->decision.reason, "150 connections");
  EXPECT_EQ(found->leader, "websocket-scaler-a");
  ASSERT_TRUE(found->decision.held);
  EXPECT_EQ(found->decision.held->reason, "metrics_error");
  EXPECT_EQ(found->decision.held->text, "no metrics");
}

TEST(ScalerDecision, OtherLinesAreNone) {
  EXPECT_FALSE(scaler_decision(""));
  EXPECT_FALSE(scaler_decision("2026-01-01T00:00:15.000Z info leading"));
  EXPECT_FALSE(scaler_decision(R"({"event": "leading"})"));
  EXPECT_FALSE(scaler_decision(R"({"time_s": 1, "decision": {)"));
  EXPECT_FALSE(scaler_decision(R"({"time_s": 1, "decision": {"replicas": null}})"));
}

}  // namespace
}  // namespace wsfleet
