// SPDX-License-Identifier: Apache-2.0
// Pods' objects as the API server tells them, and what the run's record makes of them.
#include "cluster/kubernetes/experiment/watch/fleet_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace wsfleet {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

json pod_object(const std::string& name) {
  return {{"metadata",
           {{"name", name}, {"uid", name + "-uid"}, {"creationTimestamp", "2026-01-01T00:00:00Z"}}},
          {"spec", json::object()},
          {"status", {{"phase", "Pending"}}}};
}

json running(json pod, bool ready) {
  pod["spec"]["nodeName"] = "node-a";
  pod["status"] = {{"phase", "Running"},
                   {"podIP", "198.18.1.7"},
                   {"conditions",
                    {{{"type", "Ready"}, {"status", ready ? "True" : "False"}},
                     {{"type", "PodScheduled"}, {"status", "True"}}}},
                   {"containerStatuses",
                    {{{"name", "server"},
                      {"restartCount", 0},
                      {"state", {{"running", {{"startedAt", "x"}}}}}}}}};
  return pod;
}

std::vector<std::string> kinds(const std::vector<FleetEvent>& events) {
  std::vector<std::string> found;
  for (const FleetEvent& event : events) found.push_back(event.kind);
  return found;
}

class FleetLogEvents : public testing::Test {
 protected:
  std::vector<std::string> change(TimeNs now, const json& pod, bool gone = false) {
    return kinds(log_.pod_changed(now, pod_view(pod, "server"), gone));
  }

  FleetLog log_;
};

TEST_F(FleetLogEvents, APodsLifeIsToldOnce) {
  const json pod = pod_object("websocket-0");
  EXPECT_THAT(change(0, pod), ElementsAre("pod_created"));
  EXPECT_THAT(change(0, pod), IsEmpty());
  EXPECT_THAT(change(kSecond, running(pod, false)), ElementsAre("pod_scheduled"));
  EXPECT_THAT(change(2 * kSecond, running(pod, true)), ElementsAre("pod_ready"));
  EXPECT_THAT(change(3 * kSecond, running(pod, false)), ElementsAre("pod_unready"));
  json ending = running(pod, true);
  ending["metadata"]["deletionTimestamp"] = "2026-01-01T00:01:00Z";
  EXPECT_THAT(change(4 * kSecond, ending), ElementsAre("pod_terminating"));
  EXPECT_THAT(change(5 * kSecond, ending, true), ElementsAre("pod_gone"));
  ASSERT_EQ(log_.scaled_down().size(), 1U);
  EXPECT_EQ(log_.scaled_down().front().uid, "websocket-0-uid");
}

TEST_F(FleetLogEvents, ACrashIsARestartWithItsCause) {
  const json pod = running(pod_object("websocket-0"), true);
  change(0, pod);
  json crashed = pod;
  json& status = crashed["status"]["containerStatuses"][0];
  status["restartCount"] = 1;
  status["lastState"] = {{"terminated", {{"reason", "OOMKilled"}, {"exitCode", 137}}}};
  const auto events = log_.pod_changed(kSecond, pod_view(crashed, "server"), false);
  ASSERT_THAT(kinds(events), ElementsAre("pod_out_of_memory", "pod_restart"));
  EXPECT_EQ(events[1].detail, "its server ended (OOMKilled, exit status 137)");
}

TEST_F(FleetLogEvents, LevelsAndPodSecondsOfASecond) {
  log_.replicas_changed(0, 3);
  change(0, running(pod_object("websocket-0"), true));
  change(kSecond / 2, running(pod_object("websocket-1"), false));
  change(kSecond / 2, pod_object("websocket-2"));
  const FleetSecond second = log_.end_second(kSecond);
  EXPECT_EQ(second.spec_replicas, 3);
  EXPECT_EQ(second.levels.ready, 1);
  EXPECT_EQ(second.levels.supply, 1);  // the other one is still starting
  EXPECT_THAT(*second.supply, ElementsAre("websocket-0-uid"));
  EXPECT_DOUBLE_EQ(second.pod_seconds, 1.5);
  EXPECT_DOUBLE_EQ(log_.end_second(2 * kSecond).pod_seconds, 2.0);
}

TEST_F(FleetLogEvents, ATerminatingPodServesNoMore) {
  json pod = running(pod_object("websocket-0"), true);
  change(0, pod);
  EXPECT_EQ(log_.serving().size(), 1U);
  pod["metadata"]["deletionTimestamp"] = "2026-01-01T00:01:00Z";
  change(0, pod);
  EXPECT_EQ(log_.end_second(kSecond).levels.supply, 0);
  EXPECT_THAT(log_.serving(), IsEmpty());
}

TEST_F(FleetLogEvents, AFaultsVictimIsNotScaledDown) {
  const json pod = running(pod_object("websocket-0"), true);
  change(0, pod);
  log_.killed_by_fault("websocket-0-uid");
  EXPECT_THAT(log_.serving(), IsEmpty());  // no second fault's victim
  const auto events = log_.pod_changed(kSecond, pod_view(pod, "server"), true);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].detail, "killed by a fault");
  EXPECT_THAT(log_.scaled_down(), IsEmpty());
}

TEST_F(FleetLogEvents, ReplicasAreToldWhenTheyChange) {
  EXPECT_EQ(log_.replicas_changed(0, 1).size(), 1U);
  EXPECT_THAT(log_.replicas_changed(0, 1), IsEmpty());
  const auto events = log_.replicas_changed(kSecond, 4);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].detail, "spec.replicas 1 to 4");
}

TEST(PodView, APodWithoutStatusIsNotYetAnything) {
  const PodView view = pod_view(json{{"metadata", {{"name", "a"}}}}, "server");
  EXPECT_EQ(view.name, "a");
  EXPECT_FALSE(view.running || view.ready || view.terminating);
}

}  // namespace
}  // namespace wsfleet
