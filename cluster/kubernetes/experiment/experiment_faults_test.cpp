// SPDX-License-Identifier: Apache-2.0
// Faults strike by the cluster's API, and what they take away comes back.
#include "cluster/kubernetes/experiment/experiment_faults.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <utility>

#include "cluster/kubernetes/experiment/testing/deployed_fleet.h"

namespace wsfleet {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

/// Time is where a sleeper wants it.
class WillingClock : public Clock {
 public:
  TimeNs now() override { return now_; }
  bool sleep_until(TimeNs time) override {
    now_ = time;
    return true;
  }

 private:
  TimeNs now_ = 10 * kSecond;
};

/// Runs them when the test says so.
class LaterTasks : public Tasks {
 public:
  void spawn(const std::string&, std::function<void()> body) override {
    bodies.push_back(std::move(body));
  }
  std::vector<std::function<void()>> bodies;
};

class EventList : public Recorder {
 public:
  void second(const SecondRow&) override {}
  void event(const FleetEvent& event) override {
    texts.push_back(fmt::format("{} {} {}", event.time / kSecond, event.kind, event.detail));
  }
  void decision(const Observation&, const Decision&) override {}
  void clients(const ClientHistograms&) override {}
  void figures(const RunFigures&) override {}
  std::vector<std::string> texts;
};

class TheExperimentFaults : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(changes.claim(false)); }
  Result<void> inject(const Fault& fault, const std::string& prometheus = "prometheus") {
    faults = std::make_unique<ExperimentFaults>(
        FaultParts{.client = fleet.client,
                   .changes = changes,
                   .clock = clock,
                   .tasks = tasks,
                   .recorder = events,
                   .name_space = "chat",
                   .prometheus_service = prometheus,
                   .seed = 7,
                   .serving = [this] { return serving; },
                   .killing = [this](const std::string& uid) { killed.push_back(uid); }});
    return faults->inject(fault);
  }
  void serve(const std::string& name) {
    fleet.add_pod(name);
    PodView view;
    view.name = name;
    view.uid = "uid-of-" + name;
    serving.push_back(view);
  }
  json selector() { return fleet.spec_of(kPrometheusPath)["selector"]; }

  DeployedFleet fleet;
  ClusterChanges changes{fleet.client, "chat", quiet_lock("this")};
  WillingClock clock;
  LaterTasks tasks;
  EventList events;
  std::vector<PodView> serving;
  std::vector<std::string> killed;
  std::unique_ptr<ExperimentFaults> faults;  // its tasks outlive the call
};

TEST_F(TheExperimentFaults, KillsAsManyPodsAsToldWithoutGrace) {
  for (const char* name : {"websocket-0", "websocket-1", "websocket-2"}) serve(name);
  const auto injected = inject({.kind = FaultKind::pod_kill, .count = 2});
  ASSERT_TRUE(injected) << injected.error().message;
  ASSERT_THAT(killed, SizeIs(2));
  EXPECT_NE(killed[0], killed[1]);
  int deletions = 0;
  for (const ScriptedRequest& request : fleet.server.requests()) {
    if (request.method != "DELETE") continue;
    const json options = json::parse(request.body);
    EXPECT_EQ(options["gracePeriodSeconds"], 0);
    EXPECT_EQ(options["preconditions"]["uid"], killed[static_cast<std::size_t>(deletions++)]);
  }
  EXPECT_EQ(deletions, 2);
  EXPECT_THAT(events.texts, ElementsAre("10 fault 2 pods are killed"));
}

TEST_F(TheExperimentFaults, APodThatTookTheNameMeanwhileLives) {
  serve("websocket-0");
  fleet.objects.change(kPodsPath + "/websocket-0",
                       [](json& object) { object["metadata"]["uid"] = "another"; });
  const auto injected = inject({.kind = FaultKind::pod_kill});
  ASSERT_FALSE(injected);
  EXPECT_EQ(injected.error().kind, ErrorKind::conflict);
  EXPECT_NE(fleet.objects.at(kPodsPath + "/websocket-0"), json());
}

TEST_F(TheExperimentFaults, PrometheusIsAwayForAsLongAsTold) {
  const json before = selector();
  const auto injected = inject({.kind = FaultKind::prometheus_outage, .duration = 30 * kSecond});
  ASSERT_TRUE(injected) << injected.error().message;
  EXPECT_EQ(selector(), json::object({{"wsfleet.io/outage", "true"}}));
  ASSERT_THAT(tasks.bodies, SizeIs(1));
  tasks.bodies[0]();
  EXPECT_EQ(selector(), before);
  EXPECT_THAT(events.texts, ElementsAre("10 fault Prometheus can't be reached for 30.0s",
                                        "40 fault_over Prometheus can be reached"));
}

TEST_F(TheExperimentFaults, APrometheusElsewhereIsNotTouched) {
  const auto injected = inject({.kind = FaultKind::prometheus_outage}, "");
  ASSERT_FALSE(injected);
  EXPECT_EQ(injected.error().kind, ErrorKind::unsupported);
}

TEST_F(TheExperimentFaults, RedisIsAwayForAsLongAsTold) {
  ASSERT_TRUE(inject({.kind = FaultKind::redis_outage, .duration = kMinute}));
  EXPECT_EQ(fleet.spec_of(kRedisPath)["replicas"], 0);
  ASSERT_THAT(tasks.bodies, SizeIs(1));
  tasks.bodies[0]();
  EXPECT_EQ(fleet.spec_of(kRedisPath)["replicas"], 1);
  EXPECT_THAT(events.texts, ElementsAre("10 fault Redis is taken away for 1m 00s",
                                        "70 fault_over Redis comes back"));
}

// An end that fails is told, and the end of the experiment makes it good.
TEST_F(TheExperimentFaults, AnEndThatFailsIsToldAndMadeUpForLater) {
  ASSERT_TRUE(inject({.kind = FaultKind::redis_outage, .duration = kMinute}));
  fleet.objects.trouble({.at = 1, .lasts = true});
  tasks.bodies[0]();
  ASSERT_THAT(events.texts, SizeIs(2));
  EXPECT_THAT(events.texts[1], StartsWith("70 fault_over not over: the replicas of the "
                                          "StatefulSet redis can't be put back: "));
  fleet.objects.trouble({});
  EXPECT_EQ(fleet.spec_of(kRedisPath)["replicas"], 0);
  EXPECT_TRUE(changes.put_all_back());
  EXPECT_EQ(fleet.spec_of(kRedisPath)["replicas"], 1);
}

TEST_F(TheExperimentFaults, WhatTheApiHasNoWayForIsRefusedByName) {
  for (const FaultKind kind : {FaultKind::node_down, FaultKind::network_cut}) {
    const auto injected = inject({.kind = kind});
    ASSERT_FALSE(injected);
    EXPECT_EQ(injected.error().kind, ErrorKind::unsupported);
    EXPECT_THAT(injected.error().message, HasSubstr("the API of a cluster has no way"));
  }
}

}  // namespace
}  // namespace wsfleet
