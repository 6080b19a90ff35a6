// SPDX-License-Identifier: Apache-2.0
// The control loop's step between deciding and applying: what is held, what is refused.
#include <gtest/gtest.h>

#include "scaler/control_loop.h"
#include "scaler/policies/hpa.h"
#include "scaler/policies/original.h"
#include "scaler/testing/control_loop_fixture.h"

namespace wsfleet {
namespace {

class HeldLoop : public LoopFixture {};

TEST_F(HeldLoop, WhatIsHeldIsRecordedAndNotDone) {
  settings_.hold.on_doubt = true;
  order(1);
  policy_.fixed.drain = {"b"};
  policy_.fixed.shed = {{"a", 0.5}};
  policy_.fixed.deletion_costs = {{"a", 10}};
  metrics_.outage = true;
  const ControlLoopSummary summary = run();
  EXPECT_EQ(cluster_.calls, Calls{"state"});
  const Decision& recorded = recorder_.decisions[0];
  EXPECT_EQ(recorded.replicas, 1);  // as the policy made it
  EXPECT_EQ(recorded.drain, Calls{"b"});
  ASSERT_TRUE(recorded.held);
  EXPECT_EQ(recorded.held->reason, "metrics_error");
  EXPECT_EQ(recorded.held->text, "the metrics can't be read");
  EXPECT_EQ(recorded.held->what, (Calls{"replicas", "drain", "shed", "deletion_costs"}));
  EXPECT_EQ(summary.held, 1);
  EXPECT_EQ(summary.decisions, 1);
  EXPECT_EQ(summary.scale_downs, 0);
  EXPECT_TRUE(recorder_.details_of("scaled").empty());
}

TEST_F(HeldLoop, AHoldLetsScaleUpsThrough) {
  settings_.hold.on_doubt = true;
  order(4);
  metrics_.outage = true;
  const ControlLoopSummary summary = run();
  EXPECT_EQ(cluster_.current.replicas, 4);
  EXPECT_FALSE(recorder_.decisions[0].held);
  EXPECT_EQ(summary.held, 0);
  EXPECT_EQ(summary.scale_ups, 1);
}

TEST_F(HeldLoop, BoundsComeBeforeTheHold) {
  settings_.hold.on_doubt = true;
  settings_.min_replicas = 2;
  order(-3);
  metrics_.outage = true;
  EXPECT_EQ(run().held, 0);  // two replicas are there already
}

TEST_F(HeldLoop, AHoldIsToldWhenItBeginsAndWhenItEnds) {
  settings_.hold = {.on_doubt = true, .until_s = 15, .why_until = "it began anew"};
  clock_.stop = 50 * kSecond;
  policy_.answer = [this](const Observation& observation) {
    metrics_.outage = observation.time_s >= 10 && observation.time_s < 30;  // from 20 to 30 s
    return Decision{};
  };
  EXPECT_EQ(run().held, 0);  // no decision asked for anything
  EXPECT_EQ(recorder_.details_of("holding"),
            (Calls{"new_leader: it began anew", "metrics_error: the metrics can't be read"}));
  EXPECT_EQ(recorder_.details_of("hold_over"), Calls{"decisions are carried out again"});
}

TEST_F(HeldLoop, WhoMayNotActDoesNothing) {
  order(4);
  policy_.fixed.drain = {"a"};
  std::vector<double> asked;
  settings_.may_act = [&asked](double time_s) -> Result<void> {
    asked.push_back(time_s);
    return fail(ErrorKind::not_leading, "another one leads");
  };
  const ControlLoopSummary summary = run();
  EXPECT_EQ(asked, Times{0});
  EXPECT_EQ(cluster_.calls, Calls{"state"});
  ASSERT_TRUE(recorder_.decisions[0].held);
  EXPECT_EQ(recorder_.decisions[0].held->reason, "not_leading");
  EXPECT_EQ(recorder_.decisions[0].held->text, "another one leads");
  EXPECT_EQ(summary.held, 1);
  EXPECT_EQ(summary.scale_ups, 0);
  EXPECT_TRUE(recorder_.events.empty());
}

TEST_F(HeldLoop, LeadershipThatGoesMeanwhileIsNoFailure) {
  order(1);
  policy_.fixed.drain = {"a", "b"};
  cluster_.verb_errors["drain"] = {ErrorKind::not_leading, "another one leads"};
  const ControlLoopSummary summary = run();
  EXPECT_EQ(cluster_.calls, (Calls{"state", "drain a", "drain b"}));
  EXPECT_EQ(recorder_.details_of("not_leading"), Calls{"drain: another one leads"});
  EXPECT_EQ(recorder_.events.size(), 1u);
  EXPECT_EQ(summary.apply_errors, 0);
  EXPECT_EQ(summary.scale_downs, 0);
}

TEST_F(HeldLoop, ADryRunSaysWhatItWouldDo) {
  order(1);
  policy_.fixed.drain = {"b"};
  cluster_.verb_errors["drain"] = {ErrorKind::dry_run, "nothing is changed"};
  cluster_.replica_errors = {{ErrorKind::dry_run, "nothing is changed"}};
  const ControlLoopSummary summary = run();
  EXPECT_EQ(summary.scale_downs, 0);
  EXPECT_EQ(summary.apply_errors, 0);
  ASSERT_EQ(recorder_.events.size(), 1u);
  EXPECT_EQ(recorder_.events[0].kind, "would_scale");
  EXPECT_EQ(recorder_.events[0].replicas_from, 2);
  EXPECT_EQ(recorder_.events[0].replicas_to, 1);
}

TEST_F(HeldLoop, ReplicasThatCanNotBeSetAreNoScaling) {
  order(4);
  cluster_.replica_errors = {{ErrorKind::unsupported, "no replicas here"}};
  EXPECT_EQ(run().scale_ups, 0);
  EXPECT_TRUE(recorder_.details_of("scaled").empty());
}

TEST_F(HeldLoop, AfterAConflictTheFreshCountDecidesWhatIsAScaleUp) {
  settings_.hold.on_doubt = true;
  order(4);
  metrics_.outage = true;
  cluster_.replica_errors = {{ErrorKind::conflict, "changed"}};
  cluster_.on_state = [this](ClusterState& state) {
    if (cluster_.calls.size() > 1) state.replicas = 8;
  };
  const ControlLoopSummary summary = run();
  EXPECT_EQ(cluster_.calls, (Calls{"state", "set_replicas 4", "state"}));
  EXPECT_EQ(cluster_.current.replicas, 8);
  EXPECT_EQ(recorder_.details_of("held"), Calls{"8 to 4 replicas: the metrics can't be read"});
  EXPECT_EQ(summary.held, 1);
  EXPECT_EQ(summary.scale_downs, 0);
}

TEST_F(HeldLoop, OutageShrinksTheFleetUnderOriginalOnly) {
  metrics_.outage = true;
  clock_.stop = 50 * kSecond;
  cluster_.current.replicas = 4;
  OriginalPolicy original(OriginalSettings{});
  run(original);
  EXPECT_EQ(cluster_.current.replicas, 1);

  clock_.time = 0;
  cluster_.current.replicas = 4;
  settings_.hold.on_doubt = true;  // unless it is held
  run(original);
  EXPECT_EQ(cluster_.current.replicas, 4);
  settings_.hold.on_doubt = false;

  clock_.time = 0;
  HpaSettings settings;
  settings.target.milli_connections = 100'000;
  HpaPolicy hpa(settings);
  run(hpa);
  EXPECT_EQ(cluster_.current.replicas, 4);
}

}  // namespace
}  // namespace wsfleet
