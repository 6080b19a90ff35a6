// SPDX-License-Identifier: Apache-2.0
#include "scaler/control_loop.h"

#include <gtest/gtest.h>

#include "scaler/testing/control_loop_fixture.h"

namespace wsfleet {
namespace {

class ControlLoop : public LoopFixture {};

TEST_F(ControlLoop, PutsStateAndSamplesTogether) {
  run();
  ASSERT_EQ(recorder_.observations.size(), 1u);
  const Observation& seen = recorder_.observations[0];
  EXPECT_EQ(seen.time_s, 0);
  EXPECT_EQ(seen.replicas, 2);
  EXPECT_EQ(seen.status_replicas, 2);
  EXPECT_EQ(seen.metrics, MetricsStatus::ok);
  EXPECT_EQ(seen.pods[0].connections, 100);
  EXPECT_EQ(seen.pods[0].sample_age_s, 3);
  EXPECT_EQ(seen.pods[1].connections, 50);
}

TEST_F(ControlLoop, MissingSampleIsNotAZero) {
  metrics_.samples.erase("b");
  run();
  EXPECT_EQ(recorder_.observations[0].metrics, MetricsStatus::ok);
  EXPECT_EQ(recorder_.observations[0].pods[1].connections, std::nullopt);
  EXPECT_EQ(recorder_.observations[0].pods[1].sample_age_s, std::nullopt);
}

TEST_F(ControlLoop, EmptyAnswerAndOutageAreToldApart) {
  metrics_.samples.clear();
  clock_.stop = 30 * kSecond;
  policy_.answer = [this](const Observation& observation) {
    metrics_.outage = observation.time_s == 0 || observation.time_s == 10;  // for the next tick
    return Decision{};
  };
  const ControlLoopSummary summary = run();
  ASSERT_EQ(recorder_.observations.size(), 4u);
  EXPECT_EQ(recorder_.observations[0].metrics, MetricsStatus::empty);
  EXPECT_EQ(recorder_.observations[1].metrics, MetricsStatus::error);
  EXPECT_EQ(recorder_.observations[2].metrics, MetricsStatus::error);
  EXPECT_EQ(recorder_.observations[3].metrics, MetricsStatus::empty);
  EXPECT_EQ(recorder_.observations[1].pods[0].connections, std::nullopt);
  EXPECT_EQ(summary.metrics_errors, 2);
  // The outage is told once, and its end.
  EXPECT_EQ(recorder_.details_of("metrics_lost"), Calls{"prometheus does not answer"});
  EXPECT_EQ(recorder_.details_of("metrics_back").size(), 1u);
}

TEST_F(ControlLoop, KeepsAFixedCadence) {
  clock_.stop = 50 * kSecond;
  cluster_.latency = 3 * kSecond;  // no drift from it
  const ControlLoopSummary summary = run();
  EXPECT_EQ(decision_times(), (Times{0, 10, 20, 30, 40, 50}));
  EXPECT_EQ(summary.ticks, 6);
  EXPECT_EQ(summary.missed, 0);
}

TEST_F(ControlLoop, SkipsTicksThatItRanOver) {
  clock_.stop = 60 * kSecond;
  cluster_.latency = 21 * kSecond;  // 0 -> 21, so 10 and 20 are missed; 30 -> 51: 40 and 50
  const ControlLoopSummary summary = run();
  EXPECT_EQ(decision_times(), (Times{0, 30, 60}));
  EXPECT_EQ(summary.missed, 6);  // the last tick, at 60, ran over 70 and 80
}

TEST_F(ControlLoop, TickThatEndsOnTheNextOneMissesNothing) {
  clock_.stop = 30 * kSecond;
  cluster_.latency = 10 * kSecond;
  EXPECT_EQ(run().missed, 0);
  EXPECT_EQ(decision_times(), (Times{0, 10, 20, 30}));
}

TEST_F(ControlLoop, StartsAtTheNextWholeInterval) {
  clock_.time = 12 * kSecond;
  clock_.stop = 30 * kSecond;
  run();
  EXPECT_EQ(decision_times(), (Times{20, 30}));
}

TEST_F(ControlLoop, WaitsForZeroWhenTheRunHasNotBegun) {
  clock_.time = -90 * kSecond;
  run();
  EXPECT_EQ(decision_times(), Times{0});
}

TEST_F(ControlLoop, EndsBeforeTheEnd) {
  clock_.stop = kNever;
  settings_.end = 30 * kSecond;
  run();
  EXPECT_EQ(decision_times(), (Times{0, 10, 20}));
}

TEST_F(ControlLoop, AppliesAndRecordsADecision) {
  order(3);
  policy_.fixed.reason = "because";
  const ControlLoopSummary summary = run();
  EXPECT_EQ(cluster_.calls, (Calls{"state", "set_replicas 3"}));
  EXPECT_EQ(recorder_.details_of("scaled"), Calls{"2 to 3 replicas: because"});
  EXPECT_EQ(recorder_.decisions[0].replicas, 3);
  EXPECT_EQ(summary.scale_ups, 1);
  EXPECT_EQ(summary.scale_downs, 0);
}

TEST_F(ControlLoop, CountThatIsThereAlreadyAppliesNothing) {
  order(2);
  run();
  EXPECT_EQ(cluster_.calls, Calls{"state"});
  EXPECT_TRUE(recorder_.events.empty());
  EXPECT_EQ(recorder_.decisions.size(), 1u);
}

TEST_F(ControlLoop, NoCountAppliesNothing) {
  run();
  EXPECT_EQ(cluster_.calls, Calls{"state"});
}

TEST_F(ControlLoop, CostsAndDrainsComeFirstThenShedsThenReplicas) {
  order(1);
  policy_.fixed.deletion_costs = {{"a", 10}, {"b", -5}};
  policy_.fixed.drain = {"b"};
  policy_.fixed.shed = {{"a", 0.25}};
  run();
  EXPECT_EQ(cluster_.calls, (Calls{"state", "set_deletion_cost a 10", "set_deletion_cost b -5",
                                   "drain b", "shed a 0.25", "set_replicas 1"}));
}

TEST_F(ControlLoop, BoundsHoldWhateverThePolicySays) {
  settings_.max_replicas = 5;
  order(9);
  run();
  EXPECT_EQ(cluster_.current.replicas, 5);
  EXPECT_EQ(recorder_.decisions[0].replicas, 5);
  EXPECT_NE(recorder_.decisions[0].reason.find("9 wanted, bounds are 1 to 5"), std::string::npos);

  clock_.time = 0;
  order(-3);
  run();
  EXPECT_EQ(cluster_.current.replicas, 1);
}

TEST_F(ControlLoop, ApiOutageHoldsAndGoesOn) {
  order(3);
  clock_.stop = 20 * kSecond;
  cluster_.state_errors = {{ErrorKind::unavailable, "no route"}, {ErrorKind::unavailable, "again"}};
  const ControlLoopSummary summary = run();
  EXPECT_EQ(decision_times(), Times{20});
  EXPECT_EQ(summary.ticks, 3);
  EXPECT_EQ(summary.blind, 2);
  EXPECT_EQ(summary.held, 0);
  EXPECT_EQ(summary.decisions, 1);
  EXPECT_EQ(cluster_.current.replicas, 3);
  EXPECT_EQ(recorder_.details_of("scaler_blind"),
            (Calls{"the cluster can't be read: no route", "the cluster can't be read: again"}));
  EXPECT_TRUE(recorder_.details_of("scaler_error").empty());
}

TEST_F(ControlLoop, ConflictIsReadAgainAndTriedOnceMore) {
  order(4);
  cluster_.replica_errors = {{ErrorKind::conflict, "changed"}};
  const ControlLoopSummary summary = run();
  EXPECT_EQ(cluster_.calls, (Calls{"state", "set_replicas 4", "state", "set_replicas 4"}));
  EXPECT_EQ(cluster_.current.replicas, 4);
  EXPECT_EQ(summary.apply_errors, 0);
  EXPECT_EQ(summary.scale_ups, 1);
}

TEST_F(ControlLoop, SecondConflictIsLeftToTheNextTick) {
  order(4);
  clock_.stop = 10 * kSecond;
  cluster_.replica_errors = {{ErrorKind::conflict, "changed"}, {ErrorKind::conflict, "changed"}};
  const ControlLoopSummary summary = run();
  EXPECT_EQ(cluster_.calls, (Calls{"state", "set_replicas 4", "state", "set_replicas 4", "state",
                                   "set_replicas 4"}));
  EXPECT_EQ(summary.apply_errors, 1);
  EXPECT_EQ(summary.scale_ups, 1);
}

TEST_F(ControlLoop, ConflictWithSomebodyWhoDidTheSameIsDone) {
  order(4);
  cluster_.replica_errors = {{ErrorKind::conflict, "changed"}};
  cluster_.on_state = [this](ClusterState& state) {
    if (cluster_.calls.size() > 1) state.replicas = 4;
  };
  const ControlLoopSummary summary = run();
  EXPECT_EQ(cluster_.calls, (Calls{"state", "set_replicas 4", "state"}));
  EXPECT_EQ(summary.scale_ups, 0);
}

TEST_F(ControlLoop, FailedWriteIsRecordedAndTriedByTheNextTick) {
  order(4);
  clock_.stop = 10 * kSecond;
  cluster_.replica_errors = {{ErrorKind::unavailable, "timeout"}};
  const ControlLoopSummary summary = run();
  EXPECT_EQ(cluster_.calls, (Calls{"state", "set_replicas 4", "state", "set_replicas 4"}));
  EXPECT_EQ(recorder_.details_of("scaler_error"), Calls{"set_replicas failed: timeout"});
  EXPECT_EQ(cluster_.current.replicas, 4);
  EXPECT_EQ(summary.apply_errors, 1);
}

TEST_F(ControlLoop, UnsupportedVerbIsToldOnceAndNotInTheWay) {
  order(1);
  policy_.fixed.drain = {"a", "b"};
  cluster_.verb_errors["drain"] = {ErrorKind::unsupported, "pods can't be drained"};
  clock_.stop = 20 * kSecond;
  const ControlLoopSummary summary = run();
  EXPECT_EQ(summary.notices, Calls{"drain is not supported here: pods can't be drained"});
  EXPECT_EQ(recorder_.details_of("scaler_notice").size(), 1u);
  EXPECT_EQ(summary.apply_errors, 0);
  EXPECT_EQ(cluster_.current.replicas, 1);
}

TEST_F(ControlLoop, ScaleDownWaitsWhenItsPreparationFailed) {
  order(1);
  policy_.fixed.deletion_costs = {{"a", 10}};
  cluster_.verb_errors["set_deletion_cost"] = {ErrorKind::unavailable, "timeout"};
  run();
  EXPECT_EQ(cluster_.calls, (Calls{"state", "set_deletion_cost a 10"}));
  const Calls errors = recorder_.details_of("scaler_error");
  ASSERT_EQ(errors.size(), 2u);
  EXPECT_EQ(errors[1], "scale-down from 2 to 1 waits: it could not be prepared");
}

TEST_F(ControlLoop, ScaleUpDoesNotWaitForAFailedPreparation) {
  order(3);
  policy_.fixed.deletion_costs = {{"a", 10}};
  cluster_.verb_errors["set_deletion_cost"] = {ErrorKind::unavailable, "timeout"};
  run();
  EXPECT_EQ(cluster_.current.replicas, 3);
}

TEST_F(ControlLoop, FailedShedIsNotInTheWayOfReplicas) {
  order(1);
  policy_.fixed.shed = {{"a", 0.5}, {"b", 0.5}};
  cluster_.verb_errors["shed"] = {ErrorKind::failed, "no such pod"};
  EXPECT_EQ(run().apply_errors, 2);
  EXPECT_EQ(cluster_.current.replicas, 1);
}

TEST_F(ControlLoop, EventsCarryTimeAndPod) {
  policy_.fixed.drain = {"b"};
  cluster_.verb_errors["drain"] = {ErrorKind::failed, "no such pod"};
  cluster_.latency = 2 * kSecond;
  run();
  ASSERT_EQ(recorder_.events.size(), 1u);
  EXPECT_EQ(recorder_.events[0].time, 2 * kSecond);
  EXPECT_EQ(recorder_.events[0].uid, "b");
}

TEST_F(ControlLoop, SettingsThatMakeNoSenseAreRefused) {
  settings_.interval = 0;
  EXPECT_EQ(
      run_control_loop(policy_, settings_, clock_, cluster_, metrics_, recorder_).error().kind,
      ErrorKind::configuration);
  settings_.interval = kSecond;
  settings_.min_replicas = 20;
  EXPECT_FALSE(run_control_loop(policy_, settings_, clock_, cluster_, metrics_, recorder_));
  EXPECT_TRUE(cluster_.calls.empty());
}

}  // namespace
}  // namespace wsfleet
