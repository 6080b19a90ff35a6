// SPDX-License-Identifier: Apache-2.0
#pragma once
// A pod as controller, kubelet and scaler know it in the worlds that have no Kubernetes: one
// record, what each of them sees of it, and how it changes. Pure; a world's own pod derives from
// it. Times are those of the world's clock.

#include <cstdint>
#include <string>
#include <vector>

#include "cluster/controllers/controller.h"
#include "cluster/controllers/probe.h"
#include "core/result.h"
#include "core/seam/seam.h"

namespace wsfleet {

struct PodRecord {
  explicit PodRecord(const ProbeSettings& readiness) : probe(readiness) {}

  std::uint64_t serial = 0;
  int ordinal = 0;
  std::string name;
  std::string uid;
  std::string node_name;  // "" until it is bound
  TimeNs created = 0;
  TimeNs container_started = 0;
  TimeNs ready_since = 0;
  bool was_started = false;  // its container has run at least once: phase Running
  bool was_ready = false;
  bool ready = false;  // as the API server has it
  bool terminating = false;
  int restarts = 0;
  int crashes = 0;  // since it last ran for long: what the back-off counts
  int deletion_cost = 0;
  ReadinessProbe probe;
};

/// Gives a new pod, whose serial is set, its name and its uid ("pod-000007").
void identify(PodRecord& pod, ControllerKind controller, int ordinal, TimeNs created);

/// What its controller sees.
ControlledPod controlled(const PodRecord& pod);
/// What the API server tells of it; t = 0 is at `epoch`.
PodObservation observed(const PodRecord& pod, bool draining, TimeNs epoch = 0);
/// The workload: a controller doesn't count the pods that terminate.
ClusterState cluster_state(int replicas, std::vector<PodObservation> pods);

/// An error where this controller has no use for a pod-deletion-cost.
Result<void> accept_deletion_cost(ControllerKind controller);

/// The container runs from now on.
void container_started(PodRecord& pod, TimeNs now);
/// A probe was answered or not. True when readiness changed; `readiness_event()` then says it.
bool record_probe(PodRecord& pod, bool success, TimeNs now);
/// What a change of readiness is called in the run's events, and in words.
struct ReadinessEvent {
  const char* kind;
  std::string detail;
};
ReadinessEvent readiness_event(const PodRecord& pod, TimeNs now);
/// The container crashed: counts it, and says how long its restart waits.
TimeNs crashed(PodRecord& pod, TimeNs restart_backoff, TimeNs now);

}  // namespace wsfleet
