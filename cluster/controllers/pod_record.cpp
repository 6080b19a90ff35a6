// SPDX-License-Identifier: Apache-2.0
#include "cluster/controllers/pod_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace wsfleet {

void identify(PodRecord& pod, ControllerKind controller, int ordinal, TimeNs created) {
  pod.ordinal = ordinal;
  pod.created = created;
  pod.uid = fmt::format("pod-{:06}", pod.serial);
  pod.name = pod_name(controller, controlled(pod));
}

ControlledPod controlled(const PodRecord& pod) {
  return {.serial = pod.serial,
          .ordinal = pod.ordinal,
          .assigned = !pod.node_name.empty(),
          .running = pod.was_started,
          .failed = false,
          .ready = pod.ready,
          .terminating = pod.terminating,
          .deletion_cost = pod.deletion_cost,
          .restarts = pod.restarts,
          .node = pod.node_name,
          .ready_since = pod.ready_since,
          .created = pod.created};
}

PodObservation observed(const PodRecord& pod, bool draining, TimeNs epoch) {
  PodObservation seen;
  seen.name = pod.name;
  seen.uid = pod.uid;
  seen.node = pod.node_name;
  seen.phase = pod.was_started ? PodPhase::running : PodPhase::pending;
  seen.ready = pod.ready;
  seen.terminating = pod.terminating;
  seen.draining = draining;
  seen.restarts = pod.restarts;
  seen.started_s = pod.was_started ? to_seconds(pod.container_started - epoch) : 0.0;
  return seen;
}

ClusterState cluster_state(int replicas, std::vector<PodObservation> pods) {
  ClusterState state;
  state.replicas = replicas;
  state.status_replicas = static_cast<int>(
      std::count_if(pods.begin(), pods.end(), [](const auto& pod) { return !pod.terminating; }));
  state.pods = std::move(pods);
  return state;
}

Result<void> accept_deletion_cost(ControllerKind controller) {
  if (controller == ControllerKind::deployment) return {};
  return fail(ErrorKind::unsupported,
              "pod-deletion-cost acts on a Deployment's pods; a StatefulSet removes its highest "
              "ordinal (set cluster.controller = \"deployment\")");
}

void container_started(PodRecord& pod, TimeNs now) {
  pod.was_started = true;
  pod.container_started = now;
}

bool record_probe(PodRecord& pod, bool success, TimeNs now) {
  if (!pod.probe.record(success)) return false;
  pod.ready = pod.probe.ready();
  if (pod.ready) {
    pod.ready_since = now;
    pod.was_ready = true;
  }
  return true;
}

ReadinessEvent readiness_event(const PodRecord& pod, TimeNs now) {
  if (!pod.ready) return {"pod_unready", "its readiness probe fails"};
  return {"pod_ready", fmt::format("ready {} after its container started",
                                   format_duration_short(now - pod.container_started))};
}

TimeNs crashed(PodRecord& pod, TimeNs restart_backoff, TimeNs now) {
  if (now - pod.container_started >= kRestartBackoffReset) pod.crashes = 0;
  ++pod.restarts;
  return restart_delay(restart_backoff, pod.crashes++);
}

}  // namespace wsfleet
