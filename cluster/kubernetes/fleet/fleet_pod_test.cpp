// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/fleet/fleet_pod.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace wsfleet {
namespace {

using nlohmann::json;

constexpr TimeNs kEpoch = 1795546800 * kSecond;  // 2026-11-24T19:00:00Z

// What kubectl get pod -o json shows, shortened.
json running_pod() {
  return json::parse(R"({
    "metadata": {"name": "websocket-3", "uid": "6f1c",
                 "creationTimestamp": "2026-11-24T18:59:30Z",
                 "annotations": {"prometheus.io/scrape": "true"},
                 "ownerReferences": [
                   {"kind": "Other", "uid": "no", "controller": false},
                   {"kind": "StatefulSet", "uid": "owner", "controller": true}]},
    "spec": {"nodeName": "node-1", "containers": [
      {"name": "proxy", "ports": [{"name": "http", "containerPort": 80}]},
      {"name": "server", "ports": [{"name": "admin", "containerPort": 3001},
                                   {"name": "http", "containerPort": 3000}]}]},
    "status": {"phase": "Running", "podIP": "198.18.1.9",
      "conditions": [{"type": "Initialized", "status": "True"},
                     {"type": "Ready", "status": "True"}],
      "containerStatuses": [
        {"name": "proxy", "restartCount": 9,
         "state": {"running": {"startedAt": "2026-11-24T19:00:20Z"}}},
        {"name": "server", "restartCount": 2,
         "state": {"running": {"startedAt": "2026-11-24T18:59:47Z"}}}]}})");
}

TEST(FleetPod, ReadsAPodThatServes) {
  const FleetPod pod = fleet_pod(running_pod(), "server", kEpoch);
  EXPECT_EQ(pod.observation.name, "websocket-3");
  EXPECT_EQ(pod.observation.uid, "6f1c");
  EXPECT_EQ(pod.observation.node, "node-1");
  EXPECT_EQ(pod.observation.phase, PodPhase::running);
  EXPECT_TRUE(pod.observation.ready);
  EXPECT_FALSE(pod.observation.terminating);
  EXPECT_FALSE(pod.observation.draining);
  EXPECT_EQ(pod.observation.restarts, 2);
  EXPECT_EQ(pod.observation.started_s, -13);
  EXPECT_FALSE(pod.observation.connections);
  EXPECT_EQ(pod.owner_kind, "StatefulSet");
  EXPECT_EQ(pod.owner_uid, "owner");
  EXPECT_EQ(pod.address, "198.18.1.9");
  EXPECT_EQ(pod.http_port, 3000);
  EXPECT_EQ(pod.created, "2026-11-24T18:59:30Z");
}

TEST(FleetPod, ReadsAPodThatIsOnItsWayOut) {
  json object = running_pod();
  object["metadata"]["deletionTimestamp"] = "2026-11-24T19:01:00Z";
  object["metadata"]["annotations"]["wsfleet.io/draining"] = "true";
  object["status"]["conditions"][1]["status"] = "False";
  const FleetPod pod = fleet_pod(object, "server", kEpoch);
  EXPECT_TRUE(pod.observation.terminating);
  EXPECT_TRUE(pod.observation.draining);
  EXPECT_FALSE(pod.observation.ready);
}

TEST(FleetPod, APodThatWasJustMadeHasNothingYet) {
  const FleetPod pod = fleet_pod(
      json::parse(
          R"({"metadata": {"name": "websocket-0", "uid": "1"}, "status": {"phase": "Pending"}})"),
      "server", kEpoch);
  EXPECT_EQ(pod.observation.phase, PodPhase::pending);
  EXPECT_EQ(pod.observation.node, "");
  EXPECT_EQ(pod.observation.started_s, 0);
  EXPECT_EQ(pod.owner_uid, "");
  EXPECT_EQ(pod.address, "");
  EXPECT_EQ(pod.http_port, 0);
  EXPECT_EQ(fleet_pod(json::object(), "server", kEpoch).observation.phase, PodPhase::pending);
}

TEST(FleetPod, PhasesAreThoseOfTheSeam) {
  json object = running_pod();
  for (const auto& [phase, expected] : {std::pair{"Pending", PodPhase::pending},
                                        {"Running", PodPhase::running},
                                        {"Unknown", PodPhase::running},
                                        {"Failed", PodPhase::failed},
                                        {"Succeeded", PodPhase::failed}}) {
    object["status"]["phase"] = phase;
    EXPECT_EQ(fleet_pod(object, "server", kEpoch).observation.phase, expected) << phase;
  }
}

TEST(FleetPod, AContainerThatWaitsForItsRestartIsNotStarted) {
  json object = running_pod();
  object["status"]["containerStatuses"][1]["state"] = {
      {"waiting", {{"reason", "CrashLoopBackOff"}}}};
  const FleetPod pod = fleet_pod(object, "server", kEpoch);
  EXPECT_EQ(pod.observation.started_s, 0);
  EXPECT_EQ(pod.observation.restarts, 2);
}

}  // namespace
}  // namespace wsfleet
