// SPDX-License-Identifier: Apache-2.0
#pragma once
// The seam's Cluster on Kubernetes: a StatefulSet or Deployment and the pods that it owns, read by
// GET and LIST, scaled by a PATCH of the scale subresource that carries the resourceVersion of the
// last state(). Pods are told to drain and shed on their admin port. Before each write a guard is
// asked whether it may be (leadership). Calls block for a few seconds at most. One caller at a
// time, but for pods() and workload_uid(), which any thread may call.

#include <cstdint>
#include <functional>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cluster/kubernetes/fleet/fleet_pod.h"
#include "cluster/kubernetes/fleet/names.h"
#include "core/seam/seam.h"

namespace wsfleet {

class ApiClient;

enum class WorkloadKind { statefulset, deployment };

struct KubernetesClusterSettings {
  std::string name_space = "wsfleet";
  WorkloadKind kind = WorkloadKind::statefulset;
  std::string name = kWorkloadName;
  std::string selector = kServerSelector;
  std::string container = kServerContainer;
  std::uint16_t admin_port = kAdminPort;
  /// The admin ports' bearer token, asked for before each request. Empty: drain and shed are
  /// unsupported.
  std::function<Result<std::string>()> admin_token;
  TimeNs epoch = 0;  // t = 0, since 1970
  /// Asked right before each write: how long it may take, or why it must not be. Empty: `deadline`.
  std::function<Result<TimeNs>()> guard;
  TimeNs deadline = 5 * kSecond;  // of each request
};

class KubernetesCluster : public Cluster {
 public:
  /// `client` outlives it.
  KubernetesCluster(ApiClient& client, KubernetesClusterSettings settings);

  Result<ClusterState> state() override;
  Result<void> set_replicas(int replicas) override;
  /// Also notes kDrainingAnnotation on the pod, so that others and later scalers know.
  Result<void> drain(const std::string& uid) override;
  Result<void> shed(const std::string& uid, double share) override;
  /// Deployments on Kubernetes 1.21 or later; `unsupported` elsewhere.
  Result<void> set_deletion_cost(const std::string& uid, int cost) override;

  /// As of the last state().
  std::vector<FleetPod> pods() const;
  std::string workload_uid() const;

 private:
  Result<std::vector<FleetPod>> owned_pods(const std::string& workload_uid);
  Result<std::vector<std::string>> replica_sets(const std::string& workload_uid);
  Result<void> tell_pod(const std::string& uid, const std::string& target);
  Result<void> annotate(const FleetPod& pod, const char* annotation, const std::string& value);
  Result<FleetPod> pod_with(const std::string& uid) const;
  Result<TimeNs> permission() const;
  std::string workload_path() const;

  ApiClient& client_;
  const KubernetesClusterSettings settings_;
  std::string resource_version_;  // of the last state()
  std::optional<std::pair<int, int>> version_;
  mutable std::mutex mutex_;  // of what follows
  std::vector<FleetPod> pods_;
  std::string workload_uid_;
};

}  // namespace wsfleet
