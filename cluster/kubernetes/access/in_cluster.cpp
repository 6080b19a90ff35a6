// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cstdlib>

#include "cluster/kubernetes/access/access.h"
#include "cluster/kubernetes/access/token_source.h"

namespace wsfleet {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

}  // namespace

Result<ClusterAccess> in_cluster_access(const std::string& directory) {
  const std::string host = variable("KUBERNETES_SERVICE_HOST");
  const std::string port = variable("KUBERNETES_SERVICE_PORT");
  if (host.empty() || port.empty()) {
    return fail(ErrorKind::configuration,
                "this is no pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set; "
                "use a kubeconfig");
  }
  const auto ca = read_credential(directory + "/ca.crt");
  if (!ca) return tl::unexpected(ca.error());
  const auto name_space = read_credential(directory + "/namespace");
  ClusterAccess access;
  access.context = "in-cluster";
  access.name_space = name_space ? trimmed(*name_space) : "default";
  const bool is_v6 = host.find(':') != std::string::npos;
  access.server = fmt::format("https://{}:{}", is_v6 ? "[" + host + "]" : host, port);
  access.ca_pem = *ca;
  access.token = token_from_file(directory + "/token");
  const auto token = access.token();
  if (!token) return tl::unexpected(token.error());
  return access;
}

}  // namespace wsfleet
