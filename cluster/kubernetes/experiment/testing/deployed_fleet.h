// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the manifests deploy, on an API server in memory whose controllers do at once what they are
// told, and a client of it that does not wait long. For the tests of what experiments change. Test
// code only.

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "cluster/kubernetes/api/api_client.h"
#include "cluster/kubernetes/experiment/changes/cluster_changes.h"
#include "cluster/kubernetes/testing/api_objects.h"
#include "cluster/kubernetes/testing/scripted_api_server.h"
#include "cluster/live/live_settings.h"

namespace wsfleet {

inline const std::string kServersPath = "/apis/apps/v1/namespaces/chat/statefulsets/websocket";
inline const std::string kRedisPath = "/apis/apps/v1/namespaces/chat/statefulsets/redis";
inline const std::string kScalerPath = "/apis/apps/v1/namespaces/chat/deployments/websocket-scaler";
inline const std::string kIngressPath = "/apis/apps/v1/namespaces/chat/deployments/ingress";
inline const std::string kScalerConfigPath = "/api/v1/namespaces/chat/configmaps/websocket-scaler";
inline const std::string kPrometheusPath = "/api/v1/namespaces/chat/services/prometheus";
inline const std::string kLockPath = "/api/v1/namespaces/chat/configmaps/wsfleet-experiment";
inline const std::string kPodsPath = "/api/v1/namespaces/chat/pods";
inline const std::string kScalerLeasePath =
    "/apis/coordination.k8s.io/v1/namespaces/chat/leases/websocket-scaler";
inline const std::string kRulesPath =
    "/apis/networking.k8s.io/v1/namespaces/chat/ingresses/websocket";

class DeployedFleet {
 public:
  DeployedFleet();

  /// What the namespace's users have there; the scaler's Lease is the scaler's.
  std::map<std::string, nlohmann::json> of_users() const;
  nlohmann::json spec_of(const std::string& path) const { return objects.at(path)["spec"]; }
  /// A pod of the servers as the kubelet has it; "websocket-0", uid "uid-of-websocket-0".
  void add_pod(const std::string& name, bool ready = true);

  ApiObjects objects;
  ScriptedApiServer server;
  ApiClient client;

 private:
  static ScriptedAnswer prometheus(const std::string& target);
};

/// No renewal comes in between, and nothing is waited for.
LockSettings quiet_lock(const std::string& identity);
/// A scenario's settings that differ from what is deployed in all that is adapted.
LiveSettings other_settings();

}  // namespace wsfleet
