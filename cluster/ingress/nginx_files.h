// SPDX-License-Identifier: Apache-2.0
#pragma once
// The files of the live ingress: Debian's nginx with its Lua module, balancing in Lua by the same
// rules as cluster/balancers/ (docs/balancers.md). What is written is all that nginx needs; it
// writes nothing outside of the directory, and is one process that ends by SIGTERM or SIGKILL
// without leaving another. Endpoints are put at run time (ingress_admin.h). Thread-safe.

#include <cstdint>
#include <string>
#include <vector>

#include "cluster/settings.h"
#include "core/result.h"

namespace wsfleet {

struct NginxSettings {
  BalancerKind balancer = BalancerKind::ewma;
  TimeNs affinity_timeout = 3 * kHour;
  std::uint64_t seed = 1;
  std::string directory;  // exists; nginx.conf, lua/, temp/, error.log and nginx.pid come there
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;        // taken by the caller: nginx can't tell which one it got
  std::uint16_t admin_port = 0;  // on 127.0.0.1
  std::string admin_token;       // letters, digits and "-._~+/="
  /// nginx' worker_connections: two for each proxied socket. The limit of open files caps it.
  int connections = 20'000;
  std::string program = "/usr/sbin/nginx";
};

/// Writes the files and returns the command that runs nginx in the foreground. It is ready when
/// GET /livez of the admin port answers.
Result<std::vector<std::string>> write_nginx(const NginxSettings& settings);

}  // namespace wsfleet
