// SPDX-License-Identifier: Apache-2.0
#include "scaler/remote_scaler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scaler/testing/fake_world.h"

namespace wsfleet {
namespace {

struct ScriptedScaler : RemoteScaler {
  Result<void> follow(Recorder& recorder) override {
    script(recorder);
    return outcome;
  }
  std::function<void(Recorder&)> script = [](Recorder&) {};
  Result<void> outcome;
};

void decide(Recorder& recorder, int present, int wanted, MetricsStatus metrics) {
  Observation observation;
  observation.replicas = present;
  observation.metrics = metrics;
  Decision decision;
  decision.replicas = wanted;
  recorder.decision(observation, decision);
}

void tell(Recorder& recorder, const std::string& kind, const std::string& detail) {
  FleetEvent event;
  event.kind = kind;
  event.detail = detail;
  recorder.event(event);
}

TEST(RemoteScaler, WhatItTellsIsRecordedAndCounted) {
  ScriptedScaler scaler;
  scaler.script = [](Recorder& recorder) {
    decide(recorder, 1, 3, MetricsStatus::ok);
    tell(recorder, "scaled", "1 to 3 replicas");
    decide(recorder, 3, 3, MetricsStatus::error);
    tell(recorder, "metrics_lost", "no answer");
    decide(recorder, 3, 2, MetricsStatus::ok);
    tell(recorder, "scaled", "3 to 2 replicas");
  };
  FakeRecorder recorder;
  const auto summary = follow_remote_scaler(scaler, recorder);
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->decisions, 3);
  EXPECT_EQ(summary->scale_ups, 1);
  EXPECT_EQ(summary->scale_downs, 1);
  EXPECT_EQ(summary->metrics_errors, 1);
  EXPECT_EQ(recorder.decisions.size(), 3U);
  EXPECT_THAT(recorder.details_of("metrics_lost"), testing::ElementsAre("no answer"));
}

TEST(RemoteScaler, ANoticeThatTwoLeadersTellIsOne) {
  ScriptedScaler scaler;
  scaler.script = [](Recorder& recorder) {
    tell(recorder, "scaler_notice", "drain is not supported");
    tell(recorder, "scaler_notice", "drain is not supported");
  };
  FakeRecorder recorder;
  const auto summary = follow_remote_scaler(scaler, recorder);
  ASSERT_TRUE(summary);
  EXPECT_THAT(summary->notices, testing::ElementsAre("drain is not supported"));
  EXPECT_EQ(recorder.events.size(), 2U);
}

TEST(RemoteScaler, OneThatCanNotBeHeardIsAnError) {
  ScriptedScaler scaler;
  scaler.outcome = fail(ErrorKind::unavailable, "no log");
  FakeRecorder recorder;
  EXPECT_FALSE(follow_remote_scaler(scaler, recorder));
}

}  // namespace
}  // namespace wsfleet
