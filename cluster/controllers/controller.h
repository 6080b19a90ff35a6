// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a StatefulSet or Deployment controller would do next: pure, called with the pods as they
// stand, by the simulated cluster and by the one on local processes. Kubernetes has its own.
// Sources: pkg/controller/statefulset/stateful_set_control.go, pkg/controller/controller_utils.go
// (ActivePodsWithRanks).

#include <cstdint>
#include <string>
#include <vector>

#include "cluster/settings.h"
#include "core/time.h"

namespace wsfleet {

/// A pod as its controller sees it. `ordinal` is a StatefulSet's; a Deployment's pods have a
/// serial.
struct ControlledPod {
  std::uint64_t serial = 0;  // order of creation, unique
  int ordinal = 0;
  bool assigned = false;  // bound to a node
  bool running = false;   // phase Running (else Pending, or Failed)
  bool failed = false;    // phase Failed: to be replaced
  bool ready = false;
  bool terminating = false;
  int deletion_cost = 0;
  int restarts = 0;
  std::string node;
  TimeNs ready_since = 0;
  TimeNs created = 0;
};

struct ControllerPlan {
  std::vector<int> create;            // ordinals for a StatefulSet; -1 each for a Deployment
  std::vector<std::uint64_t> remove;  // serials, to be terminated, in this order
};

/// One reconciliation. With OrderedReady at most one pod is created or removed at a time: creation
/// waits until every lower ordinal is running and ready, removal (highest ordinal first) until
/// no surplus pod is terminating, all wanted pods are ready and the victim is ready itself or the
/// lowest of the surplus that is not. Parallel and Deployment act at once.
/// A failed pod is removed first; a StatefulSet re-creates its ordinal once it is gone.
ControllerPlan reconcile(ControllerKind kind, PodManagement management, int replicas,
                         const std::vector<ControlledPod>& pods, TimeNs now);

/// A Deployment's order of victims: unassigned before assigned, Pending before Running, unready
/// before ready, LOWER pod-deletion-cost, more active pods on its node, ready for less time, more
/// restarts, newer. Returns serials, first victim first; failed and terminating pods are no
/// victims. Times are compared as they are: the logarithmic buckets of Kubernetes'
/// LogarithmicScaleDown feature, which pick by UID among pods of a similar age, are not modelled.
std::vector<std::uint64_t> deletion_order(const std::vector<ControlledPod>& pods, TimeNs now);

/// What a StatefulSet's pods are called: "websocket-<ordinal>"; a Deployment's carry the serial.
std::string pod_name(ControllerKind kind, const ControlledPod& pod);

}  // namespace wsfleet
