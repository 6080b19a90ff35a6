// SPDX-License-Identifier: Apache-2.0
#pragma once
// The live ingress of a test: real nginx in a directory of its own, on free ports, ready when the
// constructor returns (else std::runtime_error with what it said), gone with its directory when the
// object is. One thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/ingress/ingress_admin.h"
#include "cluster/ingress/nginx_files.h"
#include "core/process/testing/child_process.h"
#include "core/testing/scratch_directory.h"
#include "tests/live/testing/http.h"

namespace wsfleet {

class NginxProcess {
 public:
  explicit NginxProcess(BalancerKind balancer, TimeNs affinity_timeout = 3 * kHour);

  std::uint16_t port() const { return settings_.port; }
  std::uint16_t admin_port() const { return settings_.admin_port; }
  ChildProcess& process() { return *process_; }
  const std::string& directory() const { return directory_.path(); }
  std::string log() const { return directory_.read("error.log"); }

  /// A request to the admin port; with the token unless `fields` are given.
  RawResponse admin(std::string_view verb, std::string_view path, std::string_view body = "",
                    std::optional<std::string> fields = std::nullopt) const;
  /// Anything but 200 is a test failure.
  void put(const std::vector<IngressEndpoint>& endpoints) const;
  std::vector<EndpointCount> counts() const;
  /// Of the pod; zeroes when it is not there.
  EndpointCount count(const std::string& uid) const;

 private:
  ScratchDirectory directory_;
  NginxSettings settings_;
  std::optional<ChildProcess> process_;
};

}  // namespace wsfleet
