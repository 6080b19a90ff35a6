// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/fleet/kubernetes_cluster.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

#include "cluster/kubernetes/api/api_client.h"
#include "cluster/kubernetes/api/pod_object.h"
#include "core/net/http_client.h"

namespace wsfleet {
namespace {

using nlohmann::json;

constexpr std::pair<int, int> kHonoursDeletionCost{1, 21};

}  // namespace

KubernetesCluster::KubernetesCluster(ApiClient& client, KubernetesClusterSettings settings)
    : client_(client), settings_(std::move(settings)) {}

Result<ClusterState> KubernetesCluster::state() {
  const Result<json> workload = client_.get(workload_path(), settings_.deadline);
  if (!workload) return tl::unexpected(workload.error());
  const std::string uid = text_at(*workload, "/metadata/uid");
  Result<std::vector<FleetPod>> pods = owned_pods(uid);
  if (!pods) return tl::unexpected(pods.error());
  resource_version_ = text_at(*workload, "/metadata/resourceVersion");
  ClusterState state;
  // The API server fills in 1 where a manifest names no number.
  const bool counted = workload->contains(json::json_pointer("/spec/replicas"));
  state.replicas = counted ? number_at(*workload, "/spec/replicas") : 1;
  state.status_replicas = number_at(*workload, "/status/replicas");
  for (const FleetPod& pod : *pods) state.pods.push_back(pod.observation);
  const std::lock_guard lock(mutex_);
  pods_ = std::move(*pods);
  workload_uid_ = uid;
  return state;
}

Result<std::vector<FleetPod>> KubernetesCluster::owned_pods(const std::string& workload_uid) {
  std::vector<std::string> owners{workload_uid};
  if (settings_.kind == WorkloadKind::deployment) {
    Result<std::vector<std::string>> sets = replica_sets(workload_uid);
    if (!sets) return tl::unexpected(sets.error());
    owners = std::move(*sets);
  }
  const auto listed = client_.list(fmt::format("/api/v1/namespaces/{}/pods", settings_.name_space),
                                   "labelSelector=" + percent_encode(settings_.selector));
  if (!listed) return tl::unexpected(listed.error());
  std::vector<FleetPod> pods;
  for (const json& object : listed->items) {
    FleetPod pod = fleet_pod(object, settings_.container, settings_.epoch);
    const bool owned = std::find(owners.begin(), owners.end(), pod.owner_uid) != owners.end();
    if (owned && !pod.owner_uid.empty()) pods.push_back(std::move(pod));
  }
  std::sort(pods.begin(), pods.end(), [](const FleetPod& a, const FleetPod& b) {
    return std::tie(a.created, a.observation.name) < std::tie(b.created, b.observation.name);
  });
  return pods;
}

Result<std::vector<std::string>> KubernetesCluster::replica_sets(const std::string& workload_uid) {
  const auto listed =
      client_.list(fmt::format("/apis/apps/v1/namespaces/{}/replicasets", settings_.name_space),
                   "labelSelector=" + percent_encode(settings_.selector));
  if (!listed) return tl::unexpected(listed.error());
  std::vector<std::string> uids;
  for (const json& set : listed->items) {
    const json::json_pointer owners("/metadata/ownerReferences");
    if (!set.contains(owners)) continue;
    for (const json& owner : set.at(owners)) {
      if (text_at(owner, "/uid") == workload_uid) uids.push_back(text_at(set, "/metadata/uid"));
    }
  }
  return uids;
}

// With the version that the decision was made on: who changed the workload since then makes it
// fail, instead of being overwritten.
Result<void> KubernetesCluster::set_replicas(int replicas) {
  if (resource_version_.empty()) {
    return fail(ErrorKind::conflict, "the workload has not been read yet");
  }
  const auto allowed = permission();
  if (!allowed) return tl::unexpected(allowed.error());
  const json patch = {{"metadata", {{"resourceVersion", resource_version_}}},
                      {"spec", {{"replicas", replicas}}}};
  const auto patched = client_.patch(workload_path() + "/scale", PatchKind::merge, patch, *allowed);
  if (!patched) return tl::unexpected(patched.error());
  resource_version_ = text_at(*patched, "/metadata/resourceVersion");
  return {};
}

Result<void> KubernetesCluster::drain(const std::string& uid) {
  const Result<void> told = tell_pod(uid, "/drain");
  if (!told) return told;
  const auto pod = pod_with(uid);
  if (!pod) return tl::unexpected(pod.error());
  return annotate(*pod, kDrainingAnnotation, "true");
}

Result<void> KubernetesCluster::shed(const std::string& uid, double share) {
  return tell_pod(uid, fmt::format("/shed?share={}", share));
}

Result<void> KubernetesCluster::set_deletion_cost(const std::string& uid, int cost) {
  if (settings_.kind != WorkloadKind::deployment) {
    return fail(ErrorKind::unsupported,
                "a StatefulSet deletes the pod with the highest ordinal, whatever it costs");
  }
  if (!version_) {
    const auto version = client_.version();
    if (!version) return tl::unexpected(version.error());
    version_ = *version;
  }
  if (*version_ < kHonoursDeletionCost) {
    return fail(ErrorKind::unsupported,
                fmt::format("Kubernetes {}.{} does not know the cost of deleting a pod, 1.21 does",
                            version_->first, version_->second));
  }
  const auto pod = pod_with(uid);
  if (!pod) return tl::unexpected(pod.error());
  return annotate(*pod, kDeletionCostAnnotation, fmt::to_string(cost));
}

Result<void> KubernetesCluster::tell_pod(const std::string& uid, const std::string& target) {
  if (!settings_.admin_token) {
    return fail(ErrorKind::unsupported, "there is no token for the pods' admin ports");
  }
  const auto pod = pod_with(uid);
  if (!pod) return tl::unexpected(pod.error());
  if (pod->address.empty()) {
    return fail(ErrorKind::unavailable, pod->observation.name + " has no address yet");
  }
  const auto token = settings_.admin_token();
  if (!token) return tl::unexpected(token.error());
  const auto allowed = permission();
  if (!allowed) return tl::unexpected(allowed.error());
  HttpRequest request;
  request.method = "POST";
  request.address = pod->address;
  request.port = settings_.admin_port;
  request.target = target;
  request.headers = {{"Authorization", "Bearer " + *token}};
  const auto answer = http_exchange(request, *allowed);
  if (!answer) return tl::unexpected(answer.error());
  if (answer->status / 100 == 2) return {};
  return fail(fmt::format("{} answered {} to POST {}: {}", pod->observation.name, answer->status,
                          target, answer->body.substr(0, 200)));
}

Result<void> KubernetesCluster::annotate(const FleetPod& pod, const char* annotation,
                                         const std::string& value) {
  const auto allowed = permission();
  if (!allowed) return tl::unexpected(allowed.error());
  // The uid makes it fail where a StatefulSet's next pod has the name by now.
  const json patch = {
      {"metadata", {{"uid", pod.observation.uid}, {"annotations", {{annotation, value}}}}}};
  const auto patched = client_.patch(
      fmt::format("/api/v1/namespaces/{}/pods/{}", settings_.name_space, pod.observation.name),
      PatchKind::merge, patch, *allowed);
  if (!patched) return tl::unexpected(patched.error());
  return {};
}

Result<TimeNs> KubernetesCluster::permission() const {
  if (!settings_.guard) return settings_.deadline;
  const auto allowed = settings_.guard();
  if (!allowed) return tl::unexpected(allowed.error());
  return std::min(*allowed, settings_.deadline);
}

Result<FleetPod> KubernetesCluster::pod_with(const std::string& uid) const {
  const std::lock_guard lock(mutex_);
  for (const FleetPod& pod : pods_) {
    if (pod.observation.uid == uid) return pod;
  }
  return fail(ErrorKind::not_found, fmt::format("there is no pod with the uid {}", uid));
}

std::string KubernetesCluster::workload_path() const {
  const bool is_deployment = settings_.kind == WorkloadKind::deployment;
  return fmt::format("/apis/apps/v1/namespaces/{}/{}/{}", settings_.name_space,
                     is_deployment ? "deployments" : "statefulsets", settings_.name);
}

std::vector<FleetPod> KubernetesCluster::pods() const {
  const std::lock_guard lock(mutex_);
  return pods_;
}

std::string KubernetesCluster::workload_uid() const {
  const std::lock_guard lock(mutex_);
  return workload_uid_;
}

}  // namespace wsfleet
