// SPDX-License-Identifier: Apache-2.0
// What the seam asks of the API server and of pods, and what it makes of the answers. The real API
// server is in the end-to-end tests.
#include "cluster/kubernetes/fleet/kubernetes_cluster.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <nlohmann/json.hpp>

#include "cluster/kubernetes/api/api_client.h"
#include "cluster/kubernetes/fleet/event_recorder.h"
#include "cluster/kubernetes/testing/scripted_api_server.h"
#include "core/live/live_clock.h"
#include "core/net/testing/raw_server.h"

namespace wsfleet {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;

constexpr TimeNs kRunEpoch = 1795546800 * kSecond;  // 2026-11-24T19:00:00Z
constexpr TimeNs kPatience = 20 * kSecond;

json pod(const std::string& name, const std::string& owner, const std::string& created,
         const std::string& kind = "StatefulSet") {
  return {{"metadata",
           {{"name", name},
            {"uid", "uid-of-" + name},
            {"creationTimestamp", created},
            {"ownerReferences", {{{"kind", kind}, {"uid", owner}, {"controller", true}}}}}},
          {"status", {{"phase", "Running"}, {"podIP", "127.0.0.1"}}}};
}

std::string list_of(const std::vector<json>& items) {
  return json{{"kind", "List"}, {"metadata", {{"resourceVersion", "9"}}}, {"items", items}}.dump();
}

/// A StatefulSet `websocket` of two, or a Deployment of that name.
class Api {
 public:
  ScriptedAnswer operator()(const ScriptedRequest& request) {
    const std::string& target = request.target;
    if (request.method == "PATCH" && target.ends_with("/scale")) {
      if (patch_status != 200) return {patch_status, R"({"message": "modified"})"};
      return {200, R"({"metadata": {"resourceVersion": "43"}})"};
    }
    if (request.method != "GET") return {200, "{}"};
    if (target == "/version")
      return {200, fmt::format(R"({{"major": "1", "minor": "{}"}})", minor)};
    if (target.find("/pods") != std::string::npos) return {200, list_of(pods)};
    if (target.find("/replicasets") != std::string::npos) return {200, list_of(replica_sets)};
    if (target.ends_with("/websocket")) {
      return {200,
              R"({"metadata": {"uid": "w", "resourceVersion": "42"}, "spec": {"replicas": 2},
                  "status": {"replicas": 3}})"};
    }
    return {404, R"({"message": "no such thing"})"};
  }

  std::vector<json> pods{pod("websocket-1", "w", "2026-11-24T19:00:05Z"),
                         pod("websocket-0", "w", "2026-11-24T19:00:00Z"),
                         pod("stranger-0", "x", "2026-11-24T18:00:00Z")};
  std::vector<json> replica_sets;
  int patch_status = 200;
  std::string minor = "20+";
};

class OnKubernetes : public testing::Test {
 protected:
  KubernetesClusterSettings settings() {
    KubernetesClusterSettings chosen;
    chosen.name_space = "chat";
    chosen.epoch = kRunEpoch;
    chosen.admin_token = [] { return Result<std::string>("let me in"); };
    chosen.guard = [this]() -> Result<TimeNs> {
      ++asked;
      if (leads) return 5 * kSecond;
      return fail(ErrorKind::unavailable, "not the leader");
    };
    return chosen;
  }
  std::vector<ScriptedRequest> writes() const {
    std::vector<ScriptedRequest> found;
    for (const ScriptedRequest& request : server.requests()) {
      if (request.method != "GET") found.push_back(request);
    }
    return found;
  }

  Api api;
  ScriptedApiServer server{[this](const ScriptedRequest& request) { return api(request); }};
  ApiClient client{server.access()};
  bool leads = true;
  int asked = 0;
};

TEST_F(OnKubernetes, StateIsTheWorkloadAndItsOwnPodsInOrderOfCreation) {
  KubernetesCluster cluster(client, settings());
  const auto state = cluster.state();
  ASSERT_TRUE(state) << state.error().message;
  EXPECT_EQ(state->replicas, 2);
  EXPECT_EQ(state->status_replicas, 3);
  ASSERT_EQ(state->pods.size(), 2U);
  EXPECT_EQ(state->pods[0].name, "websocket-0");
  EXPECT_EQ(state->pods[1].name, "websocket-1");
  EXPECT_EQ(cluster.workload_uid(), "w");
  EXPECT_EQ(cluster.pods().size(), 2U);
  const auto requests = server.requests();
  EXPECT_EQ(requests.at(0).target, "/apis/apps/v1/namespaces/chat/statefulsets/websocket");
  EXPECT_THAT(requests.at(1).target,
              AllOf(StartsWith("/api/v1/namespaces/chat/pods?"),
                    HasSubstr("labelSelector=app.kubernetes.io%2Fname%3Dwebsocket")));
  EXPECT_EQ(asked, 0);
}

TEST_F(OnKubernetes, ADeploymentOwnsPodsByItsReplicaSets) {
  api.replica_sets = {
      {{"metadata", {{"uid", "rs"}, {"ownerReferences", {{{"uid", "w"}, {"controller", true}}}}}}},
      {{"metadata", {{"uid", "other"}, {"ownerReferences", {{{"uid", "x"}}}}}}}};
  api.pods = {pod("websocket-a", "rs", "2026-11-24T19:00:00Z", "ReplicaSet"),
              pod("websocket-b", "other", "2026-11-24T19:00:00Z", "ReplicaSet"),
              pod("websocket-0", "w", "2026-11-24T19:00:00Z")};
  auto chosen = settings();
  chosen.kind = WorkloadKind::deployment;
  KubernetesCluster cluster(client, chosen);
  const auto state = cluster.state();
  ASSERT_TRUE(state) << state.error().message;
  ASSERT_EQ(state->pods.size(), 1U);
  EXPECT_EQ(state->pods[0].name, "websocket-a");
  EXPECT_EQ(server.requests().at(0).target, "/apis/apps/v1/namespaces/chat/deployments/websocket");
}

TEST_F(OnKubernetes, ScalingCarriesTheVersionThatWasRead) {
  KubernetesCluster cluster(client, settings());
  EXPECT_EQ(cluster.set_replicas(4).error().kind, ErrorKind::conflict);  // nothing read yet
  ASSERT_TRUE(cluster.state());
  ASSERT_TRUE(cluster.set_replicas(4));
  const auto sent = writes();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].method, "PATCH");
  EXPECT_EQ(sent[0].target, "/apis/apps/v1/namespaces/chat/statefulsets/websocket/scale");
  EXPECT_EQ(sent[0].content_type, "application/merge-patch+json");
  EXPECT_EQ(json::parse(sent[0].body),
            json::parse(R"({"metadata": {"resourceVersion": "42"}, "spec": {"replicas": 4}})"));
  ASSERT_TRUE(cluster.set_replicas(5));
  EXPECT_EQ(json::parse(writes().at(1).body)["metadata"]["resourceVersion"], "43");
}

TEST_F(OnKubernetes, WhatSomebodyChangedIsAConflict) {
  api.patch_status = 409;
  KubernetesCluster cluster(client, settings());
  ASSERT_TRUE(cluster.state());
  EXPECT_EQ(cluster.set_replicas(4).error().kind, ErrorKind::conflict);
}

TEST_F(OnKubernetes, WithoutLeadershipNothingIsWritten) {
  const RawServer admin(RawServer::answers("HTTP/1.1 202 Accepted\r\n\r\n"));
  auto chosen = settings();
  chosen.admin_port = admin.port();
  chosen.kind = WorkloadKind::deployment;
  api.minor = "21";
  api.replica_sets = {{{"metadata", {{"uid", "rs"}, {"ownerReferences", {{{"uid", "w"}}}}}}}};
  api.pods = {pod("websocket-a", "rs", "2026-11-24T19:00:00Z", "ReplicaSet")};
  KubernetesCluster cluster(client, chosen);
  ASSERT_TRUE(cluster.state());
  leads = false;
  for (const Result<void>& result : {cluster.set_replicas(4), cluster.drain("uid-of-websocket-a"),
                                     cluster.shed("uid-of-websocket-a", 0.5),
                                     cluster.set_deletion_cost("uid-of-websocket-a", 1)}) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().message, "not the leader");
  }
  EXPECT_TRUE(writes().empty());
  EXPECT_TRUE(admin.requests().empty());
}

TEST_F(OnKubernetes, ADrainIsToldToThePodAndNotedOnIt) {
  const RawServer admin(RawServer::answers("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"));
  auto chosen = settings();
  chosen.admin_port = admin.port();
  KubernetesCluster cluster(client, chosen);
  ASSERT_TRUE(cluster.state());
  const auto drained = cluster.drain("uid-of-websocket-1");
  ASSERT_TRUE(drained) << drained.error().message;
  EXPECT_THAT(admin.requests().at(0), AllOf(StartsWith("POST /drain HTTP/1.1\r\n"),
                                            HasSubstr("\r\nAuthorization: Bearer let me in\r\n")));
  const auto sent = writes();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].target, "/api/v1/namespaces/chat/pods/websocket-1");
  EXPECT_EQ(json::parse(sent[0].body)["metadata"], json::parse(R"({"uid": "uid-of-websocket-1",
                            "annotations": {"wsfleet.io/draining": "true"}})"));
  EXPECT_EQ(cluster.drain("nobody").error().kind, ErrorKind::not_found);
}

TEST_F(OnKubernetes, AShedIsToldToThePod) {
  const RawServer admin(RawServer::answers("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"));
  auto chosen = settings();
  chosen.admin_port = admin.port();
  KubernetesCluster cluster(client, chosen);
  ASSERT_TRUE(cluster.state());
  ASSERT_TRUE(cluster.shed("uid-of-websocket-0", 0.25));
  EXPECT_THAT(admin.requests().at(0), StartsWith("POST /shed?share=0.25 HTTP/1.1\r\n"));
  EXPECT_TRUE(writes().empty());
}

TEST_F(OnKubernetes, APodThatRefusesIsAnErrorAndNotNoted) {
  const RawServer admin(
      RawServer::answers("HTTP/1.1 401 Unauthorized\r\nContent-Length: 3\r\n\r\nno!"));
  auto chosen = settings();
  chosen.admin_port = admin.port();
  KubernetesCluster cluster(client, chosen);
  ASSERT_TRUE(cluster.state());
  const auto drained = cluster.drain("uid-of-websocket-0");
  ASSERT_FALSE(drained);
  EXPECT_THAT(drained.error().message, HasSubstr("websocket-0 answered 401"));
  EXPECT_TRUE(writes().empty());
}

TEST_F(OnKubernetes, WithoutATokenPodsAreToldNothing) {
  auto chosen = settings();
  chosen.admin_token = nullptr;
  KubernetesCluster cluster(client, chosen);
  ASSERT_TRUE(cluster.state());
  EXPECT_EQ(cluster.drain("uid-of-websocket-0").error().kind, ErrorKind::unsupported);
  EXPECT_EQ(cluster.shed("uid-of-websocket-0", 1).error().kind, ErrorKind::unsupported);
}

TEST_F(OnKubernetes, DeletionCostsAreForDeploymentsFrom121On) {
  KubernetesCluster stateful(client, settings());
  ASSERT_TRUE(stateful.state());
  EXPECT_EQ(stateful.set_deletion_cost("uid-of-websocket-0", 1).error().kind,
            ErrorKind::unsupported);
  auto chosen = settings();
  chosen.kind = WorkloadKind::deployment;
  api.replica_sets = {{{"metadata", {{"uid", "rs"}, {"ownerReferences", {{{"uid", "w"}}}}}}}};
  api.pods = {pod("websocket-a", "rs", "2026-11-24T19:00:00Z", "ReplicaSet")};
  KubernetesCluster old(client, chosen);
  ASSERT_TRUE(old.state());
  const auto refused = old.set_deletion_cost("uid-of-websocket-a", 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::unsupported);
  EXPECT_THAT(refused.error().message, HasSubstr("Kubernetes 1.20"));
  api.minor = "29";
  KubernetesCluster current(client, chosen);
  ASSERT_TRUE(current.state());
  ASSERT_TRUE(current.set_deletion_cost("uid-of-websocket-a", 7));
  EXPECT_EQ(json::parse(writes().at(0).body)["metadata"]["annotations"],
            json::parse(R"({"controller.kubernetes.io/pod-deletion-cost": "7"})"));
}

TEST_F(OnKubernetes, EventsAreWrittenOnTheWorkloadAndCountedUp) {
  EventRecorder events(client, {.name_space = "chat",
                                .name = "websocket",
                                .uid = [] { return "w"; },
                                .instance = "scaler-0"});
  events.record("ScaledUp", "1 to 3 replicas: \"full\"");
  events.record("ScaledUp", "1 to 3 replicas: \"full\"");
  events.record("Holding", std::string(5000, 'x'), true);
  for (const TimeNs end = monotonic_now() + kPatience;
       writes().size() < 3 && monotonic_now() < end;) {
    poll(nullptr, 0, 10);
  }
  const auto sent = writes();
  ASSERT_EQ(sent.size(), 3U);
  const json first = json::parse(sent[0].body);
  EXPECT_EQ(sent[0].method, "POST");
  EXPECT_EQ(sent[0].target, "/api/v1/namespaces/chat/events");
  EXPECT_EQ(first["involvedObject"],
            json::parse(R"({"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "websocket",
                            "namespace": "chat", "uid": "w"})"));
  EXPECT_EQ(first["reason"], "ScaledUp");
  EXPECT_EQ(first["type"], "Normal");
  EXPECT_EQ(first["count"], 1);
  EXPECT_EQ(sent[1].method, "PATCH");
  EXPECT_EQ(sent[1].target,
            "/api/v1/namespaces/chat/events/" + first["metadata"]["name"].get<std::string>());
  EXPECT_EQ(json::parse(sent[1].body)["count"], 2);
  const json long_one = json::parse(sent[2].body);
  EXPECT_EQ(long_one["type"], "Warning");
  EXPECT_EQ(long_one["message"].get<std::string>().size(), 1024U);
}

}  // namespace
}  // namespace wsfleet
