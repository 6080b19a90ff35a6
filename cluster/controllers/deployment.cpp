// SPDX-License-Identifier: Apache-2.0
// Deployment: its ReplicaSet keeps `replicas` active pods, whatever their names, and picks victims
// by rank. Follows manageReplicas() and getPodsRankedByRelatedPodsOnSameNode() of
// pkg/controller/replicaset/replica_set.go and ActivePodsWithRanks.Less() of
// pkg/controller/controller_utils.go. Pods on their way out are not counted, so their replacements
// start at once; Kubernetes leaves failed pods to the garbage collector, here they go first.
#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "cluster/controllers/plans.h"

namespace wsfleet {
namespace {

bool is_active(const ControlledPod& pod) { return !pod.failed && !pod.terminating; }

struct RankedPod {
  const ControlledPod* pod;
  int on_same_node;  // active pods on its node, itself included
};

// Whether `a` is the better victim. Each rule decides only where those before it find no
// difference.
bool dies_before(const RankedPod& left, const RankedPod& right) {
  const ControlledPod& a = *left.pod;
  const ControlledPod& b = *right.pod;
  if (a.assigned != b.assigned) return !a.assigned;
  if (a.running != b.running) return !a.running;
  if (a.ready != b.ready) return !a.ready;
  if (a.deletion_cost != b.deletion_cost) return a.deletion_cost < b.deletion_cost;
  if (left.on_same_node != right.on_same_node) return left.on_same_node > right.on_same_node;
  if (a.ready && a.ready_since != b.ready_since) return a.ready_since > b.ready_since;
  if (a.restarts != b.restarts) return a.restarts > b.restarts;
  if (a.created != b.created) return a.created > b.created;
  return a.serial > b.serial;  // created in the same instant; keeps the order total
}

}  // namespace

std::vector<std::uint64_t> deletion_order(const std::vector<ControlledPod>& pods, TimeNs /*now*/) {
  std::unordered_map<std::string_view, int> on_node;
  for (const ControlledPod& pod : pods) {
    if (is_active(pod)) ++on_node[pod.node];
  }
  std::vector<RankedPod> ranked;
  for (const ControlledPod& pod : pods) {
    if (is_active(pod)) ranked.push_back({&pod, on_node[pod.node]});
  }
  std::sort(ranked.begin(), ranked.end(), dies_before);

  std::vector<std::uint64_t> serials;
  serials.reserve(ranked.size());
  for (const RankedPod& entry : ranked) serials.push_back(entry.pod->serial);
  return serials;
}

ControllerPlan plan_deployment(int replicas, const std::vector<ControlledPod>& pods, TimeNs now) {
  ControllerPlan plan;
  for (const ControlledPod& pod : pods) {
    if (pod.failed && !pod.terminating) plan.remove.push_back(pod.serial);
  }
  const auto active = static_cast<int>(std::count_if(pods.begin(), pods.end(), is_active));
  const int missing = std::max(replicas, 0) - active;
  if (missing > 0) {
    plan.create.assign(static_cast<std::size_t>(missing), -1);
  } else if (missing < 0) {
    const std::vector<std::uint64_t> victims = deletion_order(pods, now);
    plan.remove.insert(plan.remove.end(), victims.begin(), victims.begin() - missing);
  }
  return plan;
}

}  // namespace wsfleet
