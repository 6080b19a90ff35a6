// SPDX-License-Identifier: Apache-2.0
#pragma once
// nginx as a child, told its endpoints as they change (docs/formats/ingress.md). It belongs to the
// thread that starts it and ends with it. Not thread-safe.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cluster/ingress/ingress_admin.h"
#include "cluster/settings.h"
#include "core/result.h"

namespace wsfleet {

struct NginxIngressSettings {
  BalancerKind balancer = BalancerKind::ewma;
  std::uint64_t seed = 1;
  std::string directory;  // exists, is writable
  std::string address = "0.0.0.0";
  std::uint16_t port = 8000;
  std::uint16_t admin_port = 8001;  // on 127.0.0.1
  std::string program = "/usr/sbin/nginx";
};

class NginxIngress {
 public:
  /// Returns when nginx serves.
  static Result<std::unique_ptr<NginxIngress>> start(const NginxIngressSettings& settings);
  /// SIGTERM, and SIGKILL when that does not help.
  ~NginxIngress();

  /// `unavailable` when nginx did not take it: try again.
  Result<void> put(const std::vector<IngressEndpoint>& endpoints);
  Result<void> forget(EndpointId endpoint);
  /// An error once nginx has ended by itself.
  Result<void> still_runs();

 private:
  struct Impl;
  explicit NginxIngress(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace wsfleet
