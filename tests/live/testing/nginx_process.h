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

#include "cluster/local/ingress/ingress_admin.h"
#include "cluster/local/ingress/nginx_files.h"
#include "tests/live/testing/child_process.h"
#include "tests/live/testing/http.h"

namespace wsfleet {

class TestDirectory {
 public:
  TestDirectory();
  ~TestDirectory();
  TestDirectory(const TestDirectory&) = delete;
  TestDirectory& operator=(const TestDirectory&) = delete;
  const std::string& path() const { return path_; }
  std::string text_of(const std::string& name) const;
  void write(const std::string& name, std::string_view text) const;

 private:
  std::string path_;
};

/// A port on which nobody listens, at least for now.
std::uint16_t free_port();

class NginxProcess {
 public:
  explicit NginxProcess(BalancerKind balancer, TimeNs affinity_timeout = 3 * kHour);

  std::uint16_t port() const { return settings_.port; }
  std::uint16_t admin_port() const { return settings_.admin_port; }
  ChildProcess& process() { return *process_; }
  const std::string& directory() const { return directory_.path(); }
  std::string log() const { return directory_.text_of("error.log"); }

  /// A request to the admin port; with the token unless `fields` are given.
  RawResponse admin(std::string_view verb, std::string_view path, std::string_view body = "",
                    std::optional<std::string> fields = std::nullopt) const;
  /// Anything but 200 is a test failure.
  void put(const std::vector<IngressEndpoint>& endpoints) const;
  std::vector<EndpointCount> counts() const;
  /// Of the pod; zeroes when it is not there.
  EndpointCount count(const std::string& uid) const;

 private:
  TestDirectory directory_;
  NginxSettings settings_;
  std::optional<ChildProcess> process_;
};

}  // namespace wsfleet
