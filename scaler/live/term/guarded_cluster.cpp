// SPDX-License-Identifier: Apache-2.0
#include "scaler/live/term/guarded_cluster.h"

#include <utility>

namespace wsfleet {

GuardedCluster::GuardedCluster(Cluster& cluster, bool dry_run, std::function<bool()> leads)
    : cluster_(cluster), dry_run_(dry_run), leads_(std::move(leads)) {}

Result<void> GuardedCluster::set_replicas(int replicas) {
  return may_write().and_then([&] { return cluster_.set_replicas(replicas); });
}

Result<void> GuardedCluster::drain(const std::string& uid) {
  return may_write().and_then([&] { return cluster_.drain(uid); });
}

Result<void> GuardedCluster::shed(const std::string& uid, double share) {
  return may_write().and_then([&] { return cluster_.shed(uid, share); });
}

Result<void> GuardedCluster::set_deletion_cost(const std::string& uid, int cost) {
  return may_write().and_then([&] { return cluster_.set_deletion_cost(uid, cost); });
}

Result<void> GuardedCluster::may_write() const {
  if (dry_run_) return fail(ErrorKind::dry_run, "nothing is changed in a dry run");
  if (!leads_()) return fail(ErrorKind::not_leading, "this scaler does not lead any more");
  return {};
}

}  // namespace wsfleet
