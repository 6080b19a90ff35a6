// SPDX-License-Identifier: Apache-2.0
// A scaler's log becomes the record of a run: what it decided, what became of it, what it told.
#include "cluster/kubernetes/experiment/watch/followed_scaler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wsfleet {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kHeld =
    R"({"at": "2026-01-01T00:00:15.000Z", "leader": "websocket-scaler-a", "dry_run": false,)"
    R"( "time_s": 15.0, "replicas": 4, "status_replicas": 4, "metrics": "error", "pods": [],)"
    R"( "held": {"reason": "metrics_error", "text": "no answer", "what": ["replicas"]},)"
    R"( "decision": {"replicas": 3, "drain": [], "shed": [],)"
    R"( "deletion_costs": {}, "reason": "150 connections"}})";

std::string decision(double time_s, const std::string& held = "null") {
  return R"({"leader": "a", "time_s": )" + std::to_string(time_s) +
         R"(, "replicas": 1, "status_replicas": 1, "metrics": "ok", "pods": [], "held": )" + held +
         R"(, "decision": {"replicas": 3, "drain": [], "shed": [], "deletion_costs": {},)"
         R"( "reason": "full"}})";
}

std::string event(double time_s, const std::string& kind, const std::string& detail) {
  return R"({"at": "2026-01-01T00:00:15.000Z", "leader": "a", "dry_run": false, "event": )"
         R"({"time_s": )" +
         std::to_string(time_s) + R"(, "kind": ")" + kind +
         R"(", "pod": "", "uid": "u-1", "node": "", "detail": ")" + detail + R"("}})";
}

/// Over after so many looks.
struct CountingClock : Clock {
  TimeNs now() override { return time; }
  bool sleep_until(TimeNs until) override {
    if (until > over) {
      time = std::max(time, over);
      return false;
    }
    time = until;
    if (on_look) on_look();
    return true;
  }
  TimeNs time = 0;
  TimeNs over = kMinute;
  std::function<void()> on_look;
};

struct KeepingRecorder : Recorder {
  void second(const SecondRow&) override {}
  void event(const FleetEvent& event) override { told.push_back(event.kind + ": " + event.detail); }
  void decision(const Observation& observation, const Decision& decision) override {
    told.push_back("decision at " + std::to_string(static_cast<int>(observation.time_s)) + ": " +
                   decision.reason + (decision.held ? ", held: " + decision.held->reason : ""));
  }
  void clients(const ClientHistograms&) override {}
  void figures(const RunFigures&) override {}
  std::vector<std::string> told;
};

struct Followed : testing::Test {
  CountingClock clock;
  std::function<void()> last_lines = [] {};
  FollowedScaler scaler{clock, kMinute, [this] { last_lines(); }};
  KeepingRecorder recorder;
};

TEST_F(Followed, TheRecordHasAllThatTheOthersHave) {
  scaler.line("2026-01-01T00:00:00.000Z info leading policy=hpa");
  scaler.line(decision(0));
  scaler.line(event(0.1, "scaled", "1 to 3 replicas: full"));
  scaler.line(event(15, "metrics_lost", "no answer"));
  scaler.line(kHeld);
  scaler.line(event(30, "metrics_back", "the metrics can be read again"));
  scaler.line(event(30.2, "scaler_error", "shed failed: no route"));
  scaler.line(event(30.3, "scaler_notice", "drain is not supported here: no token"));
  ASSERT_TRUE(scaler.follow(recorder));
  EXPECT_THAT(recorder.told, ElementsAre("decision at 0: full", "scaled: 1 to 3 replicas: full",
                                         "metrics_lost: no answer",
                                         "decision at 15: 150 connections, held: metrics_error",
                                         "metrics_back: the metrics can be read again",
                                         "scaler_error: shed failed: no route",
                                         "scaler_notice: drain is not supported here: no token"));
}

TEST_F(Followed, LinesAreRecordedAsTheyComeAndTheLastOnesAfterTheEnd) {
  int looks = 0;
  std::size_t seen = 0;
  clock.on_look = [&] {
    if (++looks == 2) scaler.line(decision(15));
    if (looks == 4) seen = recorder.told.size();
  };
  last_lines = [&] {
    EXPECT_EQ(clock.now(), kMinute);
    scaler.line(decision(59));
  };
  ASSERT_TRUE(scaler.follow(recorder));
  EXPECT_EQ(seen, 1U);
  EXPECT_THAT(recorder.told, ElementsAre("decision at 15: full", "decision at 59: full"));
}

TEST_F(Followed, WhatIsDecidedWhenTheRunIsOverIsNotOfTheRun) {
  last_lines = [&] {
    scaler.line(decision(60));
    scaler.line(event(60.5, "scaled", "3 to 4 replicas"));
  };
  ASSERT_TRUE(scaler.follow(recorder));
  EXPECT_THAT(recorder.told, IsEmpty());
}

TEST_F(Followed, AStoppedRunEndsWhereItWasStopped) {
  clock.over = 20 * kSecond;
  last_lines = [&] {
    scaler.line(decision(15));
    scaler.line(decision(30));
  };
  ASSERT_TRUE(scaler.follow(recorder));
  EXPECT_THAT(recorder.told, ElementsAre("decision at 15: full"));
}

TEST(ScalerLine, ADecisionIsReadWithWhatBecameOfIt) {
  const auto line = scaler_line(kHeld);
  ASSERT_TRUE(line);
  const auto* made = std::get_if<ScalerDecision>(&*line);
  ASSERT_NE(made, nullptr);
  EXPECT_DOUBLE_EQ(made->observation.time_s, 15.0);
  EXPECT_EQ(made->decision.replicas, 3);
  ASSERT_TRUE(made->decision.held);
  EXPECT_EQ(made->decision.held->reason, "metrics_error");
  EXPECT_EQ(made->decision.held->text, "no answer");
}

TEST(ScalerLine, AnEventIsRead) {
  const auto line = scaler_line(event(1.5, "scaled", "1 to 2 replicas"));
  ASSERT_TRUE(line);
  const auto* told = std::get_if<FleetEvent>(&*line);
  ASSERT_NE(told, nullptr);
  EXPECT_EQ(told->time, 1500 * kMillisecond);
  EXPECT_EQ(told->kind, "scaled");
  EXPECT_EQ(told->uid, "u-1");
}

TEST(ScalerLine, OtherLinesAreNone) {
  EXPECT_FALSE(scaler_line(""));
  EXPECT_FALSE(scaler_line("2026-01-01T00:00:15.000Z info leading"));
  EXPECT_FALSE(scaler_line(R"({"event": "leading"})"));
  EXPECT_FALSE(scaler_line(R"({"event": {"kind": "scaled"}})"));
  EXPECT_FALSE(scaler_line(R"({"time_s": 1, "decision": {)"));
  EXPECT_FALSE(scaler_line(R"({"time_s": 1, "decision": {"replicas": null}})"));
}

}  // namespace
}  // namespace wsfleet
