// SPDX-License-Identifier: Apache-2.0
#pragma once
// The two halves of reconcile(), one per controller. Private to cluster/controllers/.

#include "cluster/controllers/controller.h"

namespace wsfleet {

ControllerPlan plan_statefulset(PodManagement management, int replicas,
                                const std::vector<ControlledPod>& pods);
ControllerPlan plan_deployment(int replicas, const std::vector<ControlledPod>& pods, TimeNs now);

}  // namespace wsfleet
