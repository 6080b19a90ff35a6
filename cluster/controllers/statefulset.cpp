// SPDX-License-Identifier: Apache-2.0
// StatefulSet: stable ordinals, created upwards and removed downwards. Follows updateStatefulSet()
// of pkg/controller/statefulset/stateful_set_control.go (processReplica, processCondemned), without
// rolling updates, volume claims and minReadySeconds.
#include <algorithm>

#include "cluster/controllers/plans.h"

namespace wsfleet {
namespace {

bool is_running_and_ready(const ControlledPod& pod) {
  return pod.running && pod.ready && !pod.failed;
}

bool is_healthy(const ControlledPod& pod) { return is_running_and_ready(pod) && !pod.terminating; }

struct Partition {
  std::vector<const ControlledPod*> wanted;   // by ordinal below replicas; null: not created
  std::vector<const ControlledPod*> surplus;  // highest ordinal first
};

Partition partition(int replicas, const std::vector<ControlledPod>& pods) {
  Partition parts;
  parts.wanted.resize(static_cast<std::size_t>(std::max(replicas, 0)));
  for (const ControlledPod& pod : pods) {
    if (pod.ordinal < replicas) {
      parts.wanted[static_cast<std::size_t>(pod.ordinal)] = &pod;
    } else {
      parts.surplus.push_back(&pod);
    }
  }
  std::sort(parts.surplus.begin(), parts.surplus.end(),
            [](const ControlledPod* a, const ControlledPod* b) { return a->ordinal > b->ordinal; });
  return parts;
}

ControllerPlan plan_parallel(const Partition& parts) {
  ControllerPlan plan;
  for (std::size_t ordinal = 0; ordinal < parts.wanted.size(); ++ordinal) {
    const ControlledPod* pod = parts.wanted[ordinal];
    if (pod == nullptr) {
      plan.create.push_back(static_cast<int>(ordinal));
    } else if (pod->failed && !pod->terminating) {
      plan.remove.push_back(pod->serial);
    }
  }
  for (const ControlledPod* pod : parts.surplus) {
    if (!pod->terminating) plan.remove.push_back(pod->serial);
  }
  return plan;
}

ControllerPlan plan_ordered(const Partition& parts) {
  for (std::size_t ordinal = 0; ordinal < parts.wanted.size(); ++ordinal) {
    const ControlledPod* pod = parts.wanted[ordinal];
    if (pod == nullptr) return {.create = {static_cast<int>(ordinal)}, .remove = {}};
    if (pod->failed && !pod->terminating) return {.create = {}, .remove = {pod->serial}};
    if (!is_healthy(*pod)) return {};
  }
  if (parts.surplus.empty()) return {};

  // All wanted pods are healthy, so the first unhealthy one, if any, is in the surplus.
  const auto first_unhealthy = std::find_if(parts.surplus.rbegin(), parts.surplus.rend(),
                                            [](const ControlledPod* p) { return !is_healthy(*p); });
  const ControlledPod* victim = parts.surplus.front();
  if (victim->terminating) return {};
  const bool first = first_unhealthy != parts.surplus.rend() && *first_unhealthy == victim;
  if (!is_running_and_ready(*victim) && !first) return {};
  return {.create = {}, .remove = {victim->serial}};
}

}  // namespace

ControllerPlan plan_statefulset(PodManagement management, int replicas,
                                const std::vector<ControlledPod>& pods) {
  const Partition parts = partition(replicas, pods);
  return management == PodManagement::parallel ? plan_parallel(parts) : plan_ordered(parts);
}

}  // namespace wsfleet
