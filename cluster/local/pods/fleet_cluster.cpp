// SPDX-License-Identifier: Apache-2.0
#include "cluster/local/pods/fleet_cluster.h"

#include <fmt/format.h>

namespace wsfleet {
namespace {

constexpr TimeNs kAdminWithin = 5 * kSecond;

}  // namespace

Result<ClusterState> FleetCluster::state() {
  return on_main_thread(io_, [this] { return fleet_.state(); });
}

Result<void> FleetCluster::set_replicas(int replicas) {
  return on_main_thread(io_, [this, replicas]() -> Result<void> {
    fleet_.set_replicas(replicas);
    return {};
  });
}

Result<void> FleetCluster::drain(const std::string& uid) {
  return ask_pod(uid, "drain", "/drain", "pod_drain", "asked to drain by the scaler");
}

Result<void> FleetCluster::shed(const std::string& uid, double share) {
  return ask_pod(uid, "shed", fmt::format("/shed?share={}", share), "pod_shed",
                 fmt::format("asked to close {:.1f} % of its sockets", 100 * share));
}

Result<void> FleetCluster::ask_pod(const std::string& uid, const std::string& verb,
                                   const std::string& target, const char* event_kind,
                                   std::string detail) {
  const auto where = on_main_thread(io_, [&] { return fleet_.admin_address(uid, verb); });
  if (!where) return tl::unexpected(where.error());
  HttpRequest request;
  request.method = "POST";
  request.address = where->address;
  request.port = where->port;
  request.target = target;
  request.headers = {{"Authorization", "Bearer " + fleet_.admin_token()}};
  const auto answer = http_exchange(request, kAdminWithin);
  if (!answer) return tl::unexpected(answer.error());
  if (answer->status / 100 != 2) {
    return fail(ErrorKind::unavailable,
                fmt::format("{}: the pod answered {}: {}", verb, answer->status, answer->body));
  }
  on_main_thread(io_, [&] {
    fleet_.asked(uid, event_kind, std::move(detail));
    return true;
  });
  return {};
}

Result<void> FleetCluster::set_deletion_cost(const std::string& uid, int cost) {
  return on_main_thread(io_, [&] { return fleet_.set_deletion_cost(uid, cost); });
}

Result<void> FleetCluster::inject(const Fault& fault) {
  return on_main_thread(io_, [&] { return fleet_.inject(fault); });
}

}  // namespace wsfleet
