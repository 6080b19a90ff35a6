// SPDX-License-Identifier: Apache-2.0
#include "scaler/live/guarded_cluster.h"

#include <utility>

namespace wsfleet {

GuardedCluster::GuardedCluster(Cluster& cluster, bool dry_run, std::function<bool()> may_act)
    : cluster_(cluster), dry_run_(dry_run), may_act_(std::move(may_act)) {}

Result<ClusterState> GuardedCluster::state() {
  Result<ClusterState> state = cluster_.state();
  if (state) replicas_ = state->replicas;
  return state;
}

// Against what was read last: after a conflict the loop reads again, and what was a scale-up may be
// none any more.
Result<void> GuardedCluster::set_replicas(int replicas) {
  last_scaling_.reset();
  const Result<bool> permit = permitted(replicas > replicas_);
  if (!permit) return tl::unexpected(permit.error());
  if (*permit) {
    Result<void> result = cluster_.set_replicas(replicas);
    if (!result) return result;
  }
  last_scaling_ = Scaling{replicas_, replicas, *permit};
  return {};
}

Result<void> GuardedCluster::drain(const std::string& uid) {
  const Result<bool> permit = permitted(false);
  if (!permit) return tl::unexpected(permit.error());
  return *permit ? cluster_.drain(uid) : Result<void>();
}

Result<void> GuardedCluster::shed(const std::string& uid, double share) {
  const Result<bool> permit = permitted(false);
  if (!permit) return tl::unexpected(permit.error());
  return *permit ? cluster_.shed(uid, share) : Result<void>();
}

Result<void> GuardedCluster::set_deletion_cost(const std::string& uid, int cost) {
  const Result<bool> permit = permitted(false);
  if (!permit) return tl::unexpected(permit.error());
  return *permit ? cluster_.set_deletion_cost(uid, cost) : Result<void>();
}

// True: do it; false: succeed without doing it.
Result<bool> GuardedCluster::permitted(bool adds_pods) const {
  if (dry_run_ || permit_ == Permit::nothing) return false;
  if (permit_ == Permit::scale_up && !adds_pods) return false;
  if (!may_act_()) return fail(ErrorKind::unavailable, "this scaler does not lead any more");
  return true;
}

}  // namespace wsfleet
