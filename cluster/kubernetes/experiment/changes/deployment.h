// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the manifests have deployed, made ready for an experiment: the scaler stopped and started
// anew with the scenario, the servers with its settings. Each step waits until the cluster has done
// it, or until the user stops. All changes go through ClusterChanges.

#include <string>

#include "cluster/kubernetes/api/api_client.h"
#include "cluster/kubernetes/experiment/changes/cluster_changes.h"
#include "cluster/live/live_settings.h"
#include "core/result.h"

namespace wsfleet {

/// Where clients come in.
struct Entrance {
  std::string url;   // ws://…/ws/
  std::string host;  // what the ingress knows the fleet by; "": the URL's
};

class Deployment {
 public:
  /// Both outlive it.
  Deployment(ApiClient& client, ClusterChanges& changes, std::string name_space);

  /// ErrorKind::configuration where the servers can't have the scenario's settings; changes
  /// nothing.
  Result<void> check_servers(const LiveSettings& settings);
  /// No scaler runs, and no policy's state is left of it.
  Result<void> stop_scaler();
  /// The scenario's settings and initial replicas; all pods are new ones and ready.
  Result<void> adapt_servers(const LiveSettings& settings);
  /// The scenario's balancer, where the ingress knows it: that of the manifests' test overlay knows
  /// all, ingress-nginx ewma and round_robin. False where it stays as it is.
  Result<bool> adapt_ingress(BalancerKind balancer);
  /// As many scaler pods as there were; returns when all are ready and one of them leads.
  Result<void> start_scaler(const std::string& scenario_text, TimeNs epoch_since_1970);
  /// The Ingress' address and the name of its first rule.
  Result<Entrance> entrance();
  /// The logs of the servers' pods that are there, one file each.
  Result<void> keep_logs(const std::string& directory);

 private:
  std::string apps_path(const char* kind, const char* name) const;
  std::string core_path(const char* kind, const char* name) const;
  Result<void> wait_servers(int replicas);
  Result<void> wait_scaler(int replicas);
  Result<bool> annotate_ingress(BalancerKind balancer);

  ApiClient& client_;
  ClusterChanges& changes_;
  const std::string name_space_;
  int scalers_ = 1;
};

}  // namespace wsfleet
