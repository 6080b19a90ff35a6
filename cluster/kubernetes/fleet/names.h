// SPDX-License-Identifier: Apache-2.0
#pragma once
// What things are called on a cluster, in the manifests and in the code that uses them
// (docs/formats/kubernetes.md). A test holds the manifests to these.

namespace wsfleet {

inline constexpr const char* kWorkloadName = "websocket";  // StatefulSet and Service
inline constexpr const char* kServerContainer = "server";  // in its pods
inline constexpr const char* kServerSelector = "app.kubernetes.io/name=websocket";
inline constexpr int kServerPort = 3000;                        // named "http"
inline constexpr int kAdminPort = 3001;                         // named "admin"
inline constexpr const char* kAdminSecret = "websocket-admin";  // key "token"
inline constexpr const char* kScalerName = "websocket-scaler";  // Deployment, ServiceAccount,
                                                                // ConfigMap, Lease, Role
inline constexpr const char* kScalerSelector = "app.kubernetes.io/name=websocket-scaler";
inline constexpr const char* kScalerConfigKey = "scaler.toml";  // of the ConfigMap
inline constexpr const char* kScalerMountedConfig = "/etc/wsfleet/scaler.toml";
inline constexpr int kScalerPort = 8080;                          // /metrics, /livez, /readyz
inline constexpr const char* kPrometheusService = "prometheus";   // port 9090
inline constexpr const char* kRedisName = "redis";                // StatefulSet, Service; Secret
                                                                  // "redis", key "password"
inline constexpr const char* kIngressService = "ingress";         // of the test overlay, port 80
inline constexpr const char* kLoadgenName = "websocket-loadgen";  // Job
inline constexpr int kLoadgenAgentPort = 8090;

// Annotations.
inline constexpr const char* kDrainingAnnotation = "wsfleet.io/draining";  // of pods, by the scaler
inline constexpr const char* kDeletionCostAnnotation = "controller.kubernetes.io/pod-deletion-cost";
inline constexpr const char* kPolicyStateAnnotation = "wsfleet.io/policy-state";  // of the Lease
inline constexpr const char* kEpochAnnotation = "wsfleet.io/epoch";               // of the Lease

}  // namespace wsfleet
