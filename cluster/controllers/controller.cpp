// SPDX-License-Identifier: Apache-2.0
#include "cluster/controllers/controller.h"

#include <fmt/format.h>

#include "cluster/controllers/plans.h"

namespace wsfleet {

ControllerPlan reconcile(ControllerKind kind, PodManagement management, int replicas,
                         const std::vector<ControlledPod>& pods, TimeNs now) {
  switch (kind) {
    case ControllerKind::statefulset:
      return plan_statefulset(management, replicas, pods);
    case ControllerKind::deployment:
      return plan_deployment(replicas, pods, now);
  }
  return {};
}

std::string pod_name(ControllerKind kind, const ControlledPod& pod) {
  if (kind == ControllerKind::statefulset) return fmt::format("websocket-{}", pod.ordinal);
  return fmt::format("websocket-{}", pod.serial);
}

}  // namespace wsfleet
