// SPDX-License-Identifier: Apache-2.0
#pragma once
// What wsfleet-endpoints can be told (docs/formats/kubernetes.md). Plain data and its reader.

#include <cstdint>
#include <string>

#include "cluster/settings.h"

namespace wsfleet {

struct EndpointsOptions {
  std::string selector;    // of the pods' labels
  std::string name_space;  // "": one's own
  int pod_port = 0;
  std::string kubeconfig;  // "": the pod's ServiceAccount

  IngressKind ingress = IngressKind::nginx;
  BalancerKind balancer = BalancerKind::ewma;
  std::uint64_t seed = 1;
  std::string directory;
  std::string listen_address = "0.0.0.0";
  std::uint16_t port = 8000;
  std::uint16_t nginx_admin_port = 8001;
  std::uint16_t targets_port = 8081;
  std::string nginx = "/usr/sbin/nginx";
};

/// Go on, or end with this status (help, a mistake that was told on stderr).
struct EndpointsCommand {
  EndpointsOptions options;
  bool go_on = false;
  int exit_status = 0;
};

EndpointsCommand read_endpoints_command(int argc, const char* const* argv);

}  // namespace wsfleet
