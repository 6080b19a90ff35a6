// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/load/load_pods.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace wsfleet {
namespace {

using nlohmann::json;
using testing::HasSubstr;

LoadPod pod(const std::string& text) { return read_load_pod(json::parse(text)); }

TEST(LoadPods, ARunningPodRuns) {
  const LoadPod running = pod(R"({"metadata": {"name": "a-1", "uid": "u"},
      "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "False"}],
                 "containerStatuses": [{"state": {"running": {"startedAt": "x"}}}]}})");
  EXPECT_EQ(running.name, "a-1");
  EXPECT_EQ(running.uid, "u");
  EXPECT_TRUE(running.running);
  EXPECT_FALSE(running.hopeless);
  EXPECT_EQ(running.trouble, "");
}

TEST(LoadPods, WhatWaitingCanHelpIsNotHopeless) {
  const LoadPod unscheduled = pod(R"({"metadata": {"name": "a"}, "status": {"phase": "Pending",
      "conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable",
                      "message": "0/1 nodes are available: 1 Insufficient cpu."}]}})");
  EXPECT_FALSE(unscheduled.running);
  EXPECT_FALSE(unscheduled.hopeless);
  EXPECT_EQ(unscheduled.trouble, "Unschedulable: 0/1 nodes are available: 1 Insufficient cpu.");
  const LoadPod pulling = pod(R"({"metadata": {"name": "a"}, "status": {"phase": "Pending",
      "conditions": [{"type": "PodScheduled", "status": "True"}], "containerStatuses":
      [{"state": {"waiting": {"reason": "ImagePullBackOff", "message": "Back-off"}}}]}})");
  EXPECT_FALSE(pulling.running);
  EXPECT_FALSE(pulling.hopeless);
  EXPECT_EQ(pulling.trouble, "ImagePullBackOff: Back-off");
  EXPECT_FALSE(pod("{}").running);
  EXPECT_FALSE(pod("{}").hopeless);
}

TEST(LoadPods, WhatNoTimeChangesIsHopeless) {
  const LoadPod image = pod(R"({"metadata": {"name": "a"}, "status": {"phase": "Pending",
      "containerStatuses": [{"state": {"waiting": {"reason": "ErrImageNeverPull"}}}]}})");
  EXPECT_TRUE(image.hopeless);
  EXPECT_EQ(image.trouble, "ErrImageNeverPull");
  const LoadPod failed = pod(R"({"metadata": {"name": "a"}, "status": {"phase": "Failed",
      "containerStatuses":
      [{"state": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}}]}})");
  EXPECT_TRUE(failed.hopeless);
  EXPECT_EQ(failed.trouble, "its container ended with status 137, OOMKilled");
  const LoadPod evicted = pod(R"({"metadata": {"name": "a"}, "status": {"phase": "Failed",
      "reason": "Evicted", "message": "The node was low on resource: memory."}})");
  EXPECT_TRUE(evicted.hopeless);
  EXPECT_EQ(evicted.trouble, "Evicted: The node was low on resource: memory.");
  const LoadPod deleted = pod(R"({"metadata": {"name": "a", "deletionTimestamp": "2026-11-24"},
      "status": {"phase": "Running"}})");
  EXPECT_TRUE(deleted.hopeless);
  EXPECT_FALSE(deleted.running);
  EXPECT_EQ(deleted.trouble, "it is being deleted");
}

TEST(LoadPods, AnOlderJobsPodsAreNotThisOnes) {
  const json owned = {{"metadata", {{"ownerReferences", {{{"kind", "Job"}, {"uid", "j1"}}}}}}};
  EXPECT_TRUE(belongs_to_job(owned, "j1"));
  EXPECT_FALSE(belongs_to_job(owned, "j2"));
  EXPECT_FALSE(belongs_to_job(json::object(), "j1"));
}

TEST(LoadPods, SaysWhichDoNotRunAndWhy) {
  LoadPod a = pod(R"({"metadata": {"name": "a"}, "status": {"phase": "Running"}})");
  LoadPod b = pod(R"({"metadata": {"name": "b"}, "status": {"phase": "Pending", "containerStatuses":
      [{"state": {"waiting": {"reason": "ErrImagePull"}}}]}})");
  EXPECT_EQ(not_running({a, a}, 2), "");
  EXPECT_EQ(not_running({a, b}, 2), "1 of 2 load pods do not run: b: Pending (ErrImagePull)");
  EXPECT_EQ(not_running({a}, 3), "2 of 3 load pods do not run: there are 1");
  EXPECT_EQ(not_running({}, 1), "1 of 1 load pods do not run: there are 0");
}

TEST(LoadPods, ReadsTheStatusOfAnAgent) {
  const auto running = read_agent_status(
      R"({"state": "running", "shard": "1/2", "exit_status": null, "report_bytes": 0,)"
      R"( "log_tail": "x\n"})");
  ASSERT_TRUE(running) << running.error().message;
  EXPECT_EQ(running->state, AgentState::running);
  EXPECT_EQ(running->shard, "1/2");
  EXPECT_EQ(running->exit_status, std::nullopt);
  EXPECT_EQ(running->log_tail, "x\n");
  const auto ended = read_agent_status(R"({"state": "ended", "exit_status": 105,
                                           "report_bytes": 41, "more": 1})");
  ASSERT_TRUE(ended) << ended.error().message;
  EXPECT_EQ(ended->exit_status, 105);
  EXPECT_EQ(ended->report_bytes, 41U);
  for (const char* odd : {"", "[]", "{}", R"({"state": "asleep"})", "<html>\nx"}) {
    const auto status = read_agent_status(odd);
    ASSERT_FALSE(status) << odd;
    EXPECT_THAT(status.error().message, HasSubstr("it is no status of an agent")) << odd;
  }
}

ErrorKind kind_of(int status, const std::string& body) {
  const auto answer = read_agent_answer(status, body);
  return answer ? ErrorKind::usage : answer.error().kind;
}

TEST(LoadPods, TellsTheAgentsAnswersFromTheApiServers) {
  EXPECT_EQ(read_agent_answer(200, "x").value(), "x");
  const auto api = [](const std::string& message) {
    return R"({"kind": "Status", "message": ")" + message + R"("})";
  };
  EXPECT_EQ(kind_of(503, api("no endpoints")), ErrorKind::unavailable);
  EXPECT_EQ(kind_of(500, api("dial tcp: refused")), ErrorKind::unavailable);
  EXPECT_EQ(kind_of(429, api("slow down")), ErrorKind::unavailable);
  EXPECT_EQ(kind_of(404, api("pods \\\"a\\\" not found")), ErrorKind::not_found);
  EXPECT_EQ(kind_of(403, api("forbidden")), ErrorKind::failed);
  EXPECT_EQ(kind_of(502, "bad gateway"), ErrorKind::unavailable);
  EXPECT_EQ(kind_of(409, "it has been started already\n"), ErrorKind::conflict);
  EXPECT_EQ(kind_of(401, "the header"), ErrorKind::failed);
  EXPECT_EQ(kind_of(404, "there is a report when"), ErrorKind::failed);
  EXPECT_EQ(read_agent_answer(400, "'../x' is no plain file name\nmore").error().message,
            "answered 400: '../x' is no plain file name");
  EXPECT_EQ(read_agent_answer(403, api("pods is forbidden")).error().message, "pods is forbidden");
}

LoadPodSeen seen(AgentState state, std::optional<int> exit_status) {
  LoadPodSeen one;
  one.pod = pod(R"({"metadata": {"name": "a"}, "status": {"phase": "Running"}})");
  one.agent = AgentStatus{.state = state, .exit_status = exit_status};
  return one;
}

TEST(LoadPods, AnEndIsNoFailureUnlessTheLoadGeneratorSaysSo) {
  EXPECT_FALSE(seen(AgentState::running, {}).over());
  EXPECT_EQ(seen(AgentState::running, {}).failure(), "");
  for (const int fine : {0, 99, 105}) {
    EXPECT_TRUE(seen(AgentState::ended, fine).over());
    EXPECT_EQ(seen(AgentState::ended, fine).failure(), "") << fine;
  }
  EXPECT_EQ(seen(AgentState::ended, 2).failure(),
            "the load generator in pod a ended with status 2");
  EXPECT_EQ(seen(AgentState::ended, 137).failure(),
            "the load generator in pod a ended with status 137");
}

TEST(LoadPods, APodThatFailedOrIsGoneIsAFailure) {
  LoadPodSeen gone = seen(AgentState::running, {});
  gone.pod.hopeless = true;
  gone.pod.phase = "Gone";
  EXPECT_TRUE(gone.over());
  EXPECT_EQ(gone.failure(), "the load pod a is gone");
  LoadPodSeen failed = seen(AgentState::running, {});
  failed.pod.hopeless = true;
  failed.pod.trouble = "Evicted: The node was low";
  EXPECT_EQ(failed.failure(), "the load pod a does not run any more: Evicted: The node was low");
}

}  // namespace
}  // namespace wsfleet
