// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/experiment/testing/deployed_fleet.h"

namespace wsfleet {
namespace {

using nlohmann::json;

json workload(int replicas, const json& container) {
  return {{"metadata", {{"annotations", {{"owner", "the users"}}}}},
          {"spec",
           {{"replicas", replicas},
            {"template",
             {{"metadata", {{"labels", {{"app.kubernetes.io/name", "websocket"}}}}},
              {"spec", {{"containers", json::array({container})}}}}}}}};
}

json server_container() {
  return json::parse(R"({
    "name": "server", "image": "wsfleet-server:1",
    "args": ["--admin-listen", "0.0.0.0", "--max-connections", "1000"],
    "env": [{"name": "POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
    "readinessProbe": {"httpGet": {"path": "/readyz", "port": "http"}, "periodSeconds": 10}})");
}

/// What an API server and its controllers make of a write, at once.
void settle(const std::string& path, json& object) {
  if (path.find("/apis/apps/v1/") != 0) return;
  const json replicas = object["spec"]["replicas"];
  object["status"] = {{"observedGeneration", object["metadata"]["generation"]},
                      {"replicas", replicas},
                      {"updatedReplicas", replicas},
                      {"readyReplicas", replicas}};
  for (json& container : object["spec"]["template"]["spec"]["containers"]) {
    // Quantities have one way to be written.
    json& cpu = container["resources"]["limits"]["cpu"];
    if (cpu == "1000m") cpu = "1";
    if (cpu.is_null()) container["resources"] = json::object();
    container["imagePullPolicy"] = "IfNotPresent";
  }
}

ApiSettings hasty() {
  ApiSettings settings;
  settings.deadline = kSecond;
  settings.try_within = 300 * kMillisecond;
  settings.first_backoff = 5 * kMillisecond;
  return settings;
}

}  // namespace

DeployedFleet::DeployedFleet()
    : server([this](const ScriptedRequest& request) { return objects(request); }),
      client(server.access(), hasty()) {
  objects.settle(settle);
  objects.first([this](const ScriptedRequest& request) -> ScriptedAnswer {
    if (request.target.starts_with(kPrometheusPath + ":")) return prometheus(request.target);
    const bool leads = request.method == "GET" && request.target == kScalerLeasePath &&
                       spec_of(kScalerPath)["replicas"] > 0;
    if (!leads) return {.status = 0};
    return {200, R"({"spec": {"holderIdentity": "websocket-scaler-0"}})"};
  });
  objects.put(kServersPath, workload(3, server_container()));
  objects.put(kScalerPath, workload(2, {{"name", "scaler"}}));
  objects.put(kRedisPath, workload(1, {{"name", "redis"}}));
  objects.put(kIngressPath, workload(1, {{"name", "nginx"}, {"args", {"--balancer=ewma"}}}));
  objects.put(kScalerConfigPath,
              {{"data", {{"scaler.toml", "[kubernetes]\nmetrics = \"pods\"\n"}, {"more", "x"}}}});
  objects.put(kPrometheusPath,
              {{"spec", {{"selector", {{"app.kubernetes.io/name", "prometheus"}}}}}});
  objects.put(kRulesPath, {{"spec", {{"rules", {{{"host", "chat.example"}}}}}}});
  objects.put(kScalerLeasePath, {{"spec", {{"holderIdentity", "websocket-scaler-0"}}}});
}

/// One value for each query; how often it scrapes it does not say.
ScriptedAnswer DeployedFleet::prometheus(const std::string& target) {
  if (target.find("/targets") != std::string::npos) {
    return {200, R"({"status": "success", "data": {"activeTargets": []}})"};
  }
  return {200, R"({"status": "success", "data": {"resultType": "vector",
      "result": [{"metric": {}, "value": [1, "1"]}]}})"};
}

std::map<std::string, json> DeployedFleet::of_users() const {
  auto all = objects.wanted();
  all.erase(kScalerLeasePath);
  return all;
}

void DeployedFleet::add_pod(const std::string& name, bool ready) {
  objects.put(kPodsPath + "/" + name,
              {{"metadata",
                {{"uid", "uid-of-" + name},
                 {"creationTimestamp", "2026-11-24T19:00:00Z"},
                 {"labels", {{"app.kubernetes.io/name", "websocket"}}}}},
               {"spec", {{"nodeName", "node-a"}}},
               {"status",
                {{"phase", "Running"},
                 {"conditions", {{{"type", "Ready"}, {"status", ready ? "True" : "False"}}}},
                 {"containerStatuses",
                  {{{"name", "server"}, {"state", {{"running", json::object()}}}}}}}}});
}

LockSettings quiet_lock(const std::string& identity) {
  return {.identity = identity, .renew_every = kHour, .abandoned_after = 0, .watched_for = 0};
}

LiveSettings other_settings() {
  LiveSettings settings;
  settings.initial_replicas = 5;
  settings.server.max_connections = 100;
  settings.cluster.balancer = BalancerKind::round_robin;
  settings.cluster.pod.cpu_limit = 1.0;
  settings.cluster.pod.memory_limit_bytes = 128 << 20;
  return settings;
}

}  // namespace wsfleet
