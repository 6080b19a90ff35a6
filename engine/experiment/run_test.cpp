// SPDX-License-Identifier: Apache-2.0
#include "engine/experiment/run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace wsfleet {
namespace {

// A world in one thread: sleeping moves the clock, tasks run at once with a clock of their own.
struct FakeWorld : Clock, Tasks, Cluster, Metrics, Faults, Recorder {
  TimeNs time = 0;
  TimeNs end = kMinute;
  ClusterState fleet{.replicas = 1, .status_replicas = 1, .pods = {}};
  std::vector<TimeNs> struck;
  std::vector<FleetEvent> events;
  std::vector<std::string> tasks;
  int decisions = 0;

  TimeNs now() override { return time; }
  bool sleep_until(TimeNs until) override {
    if (until >= end) return false;
    time = std::max(time, until);
    return true;
  }
  void spawn(const std::string& name, std::function<void()> body) override {
    tasks.push_back(name);
    const TimeNs before = time;
    body();
    time = before;
  }
  Result<ClusterState> state() override { return fleet; }
  Result<void> set_replicas(int replicas) override {
    fleet.replicas = replicas;
    return {};
  }
  Result<void> drain(const std::string&) override { return {}; }
  Result<void> shed(const std::string&, double) override { return {}; }
  Result<void> set_deletion_cost(const std::string&, int) override { return {}; }
  Result<std::unordered_map<std::string, MetricSample>> connections() override {
    return std::unordered_map<std::string, MetricSample>{};
  }
  Result<void> inject(const Fault& fault) override {
    if (fault.kind == FaultKind::redis_outage) return fail(ErrorKind::unsupported, "no Redis here");
    struck.push_back(time);
    return {};
  }
  void second(const SecondRow&) override {}
  void event(const FleetEvent& event) override { events.push_back(event); }
  void decision(const Observation&, const Decision&) override { ++decisions; }
  void clients(const ClientHistograms&) override {}
  void figures(const RunFigures&) override {}

  World world() { return {*this, *this, *this, *this, *this, *this, nullptr}; }
};

struct TwoMore : Policy {
  Decision decide(const Observation& observation) override {
    return {.replicas = observation.replicas + 2,
            .drain = {},
            .shed = {},
            .deletion_costs = {},
            .reason = "two more"};
  }
  nlohmann::json state() const override { return nullptr; }
  Result<void> restore(const nlohmann::json&) override { return {}; }
};

Scenario scenario_with(std::vector<Fault> faults) {
  Scenario scenario;
  scenario.duration = kMinute;
  scenario.scaler.max_replicas = 6;
  scenario.scaler.interval = 20 * kSecond;
  scenario.faults = std::move(faults);
  return scenario;
}

TEST(Run, FaultsStrikeAtTheirTimesWhileThePolicyDecides) {
  FakeWorld fake;
  World world = fake.world();
  TwoMore policy;
  const Scenario scenario = scenario_with({{.at = 30 * kSecond}, {.at = 10 * kSecond}});
  const auto summary = run(scenario, *find_policy("hpa"), policy, world);
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_THAT(fake.tasks, testing::ElementsAre("faults"));
  EXPECT_THAT(fake.struck, testing::ElementsAre(10 * kSecond, 30 * kSecond));
  EXPECT_EQ(summary->ticks, 3);  // at 0, 20 and 40 s
  EXPECT_EQ(fake.decisions, 3);
  EXPECT_EQ(fake.fleet.replicas, 6);  // 1, 3, 5, then the bound
}

TEST(Run, AFaultThatCanNotBeInjectedIsAnEvent) {
  FakeWorld fake;
  World world = fake.world();
  TwoMore policy;
  const Scenario scenario =
      scenario_with({{.at = 5 * kSecond, .kind = FaultKind::redis_outage}, {.at = 6 * kSecond}});
  ASSERT_TRUE(run(scenario, *find_policy("hpa"), policy, world));
  EXPECT_EQ(fake.events.front().kind, "fault_failed");
  EXPECT_EQ(fake.events.front().time, 5 * kSecond);
  EXPECT_EQ(fake.events.front().detail, "no Redis here");
  EXPECT_EQ(fake.struck.size(), 1U);
}

// What a scaler elsewhere tells is in the record as if the loop had run here.
struct FakeRemoteScaler : RemoteScaler {
  Result<void> follow(Recorder& recorder) override {
    Observation observation;
    observation.replicas = 1;
    Decision decision;
    decision.replicas = 4;
    recorder.decision(observation, decision);
    FleetEvent scaled;
    scaled.kind = "scaled";
    recorder.event(scaled);
    return {};
  }
};

TEST(Run, AScalerElsewhereIsFollowedWhileTheFaultsStrike) {
  FakeWorld fake;
  World world = fake.world();
  FakeRemoteScaler scaler;
  world.remote_scaler = &scaler;
  TwoMore policy;
  const auto summary =
      run(scenario_with({{.at = 10 * kSecond}}), *find_policy("hpa"), policy, world);
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_THAT(fake.struck, testing::ElementsAre(10 * kSecond));
  EXPECT_EQ(fake.fleet.replicas, 1);  // nothing was decided here
  EXPECT_EQ(fake.decisions, 1);
  ASSERT_EQ(fake.events.size(), 1U);
  EXPECT_EQ(fake.events.front().kind, "scaled");
  EXPECT_EQ(summary->decisions, 1);
  EXPECT_EQ(summary->scale_ups, 1);
}

}  // namespace
}  // namespace wsfleet
