// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/api/pod_object.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace wsfleet {
namespace {

using nlohmann::json;

TEST(PodObject, ReadsWhatTheApiServerWrote) {
  const PodObject pod = read_pod(json::parse(R"({
    "metadata": {"name": "a-0", "namespace": "chat", "uid": "u", "annotations": {"x": "1"},
      "creationTimestamp": "2026-11-24T19:00:00Z",
      "ownerReferences": [{"kind": "Job", "uid": "j"},
                          {"kind": "StatefulSet", "uid": "s", "controller": true}]},
    "spec": {"nodeName": "n", "containers": [
      {"name": "server", "ports": [{"name": "http", "containerPort": 8080},
                                   {"name": "odd", "containerPort": 70000}]}]},
    "status": {"phase": "Running", "podIP": "198.18.0.1",
      "conditions": [{"type": "PodScheduled", "status": "True"},
                     {"type": "Ready", "status": "True"}],
      "containerStatuses": [
        {"name": "server", "restartCount": 2, "state": {"running": {"startedAt": "then"}},
         "lastState": {"terminated": {"reason": "OOMKilled", "exitCode": 137}}},
        {"name": "side", "state": {"waiting": {"reason": "ErrImagePull", "message": "no"}}}]}})"));
  EXPECT_EQ(pod.name + pod.name_space + pod.uid + pod.node + pod.phase, "a-0chatunRunning");
  EXPECT_EQ(pod.address, "198.18.0.1");
  EXPECT_TRUE(pod.ready);
  EXPECT_FALSE(pod.terminating || pod.unscheduled);
  EXPECT_TRUE(pod.has_annotation("x"));
  EXPECT_FALSE(pod.has_annotation("y"));
  ASSERT_EQ(pod.owners.size(), 2U);
  EXPECT_FALSE(pod.owners[0].is_controller);
  EXPECT_TRUE(pod.owners[1].is_controller);
  ASSERT_EQ(pod.ports.size(), 1U);
  EXPECT_EQ(pod.ports[0].number, 8080);
  ASSERT_NE(pod.container("server"), nullptr);
  EXPECT_TRUE(pod.container("server")->running);
  EXPECT_EQ(pod.container("server")->ended_before->exit_status, 137);
  EXPECT_FALSE(pod.container("side")->running);
  EXPECT_EQ(pod.container("side")->waiting->text(), "ErrImagePull: no");
  EXPECT_EQ(pod.container("none"), nullptr);
}

TEST(PodObject, SaysWhyItHasNoNode) {
  const PodObject pod = read_pod(json::parse(R"({"status": {"conditions": [
    {"type": "PodScheduled", "status": "False",
     "reason": "Unschedulable", "message": "full"}]}})"));
  ASSERT_TRUE(pod.unscheduled);
  EXPECT_EQ(pod.unscheduled->text(), "Unschedulable: full");
}

TEST(PodObject, OddPartsReadAsNotYet) {
  for (const char* text : {"{}", "[]", "null", "7", R"({"metadata": 7, "spec": [], "status": ""})",
                           R"({"metadata": {"name": 1, "ownerReferences": {}, "annotations": []},
                               "status": {"conditions": {"a": 1}, "containerStatuses": [1, {}],
                                          "podIP": null}})"}) {
    const PodObject pod = read_pod(json::parse(text));
    EXPECT_EQ(pod.name + pod.address + pod.cause.text(), "") << text;
    EXPECT_FALSE(pod.ready || pod.terminating || pod.unscheduled) << text;
    EXPECT_TRUE(pod.owners.empty() && pod.ports.empty() && pod.annotations.empty()) << text;
  }
}

}  // namespace
}  // namespace wsfleet
