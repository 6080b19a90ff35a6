// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/fleet/fleet_pod.h"

#include "cluster/kubernetes/api/pod_object.h"
#include "cluster/kubernetes/fleet/names.h"
#include "core/live/utc.h"

namespace wsfleet {
namespace {

PodPhase phase_of(const std::string& phase) {
  if (phase == "Running") return PodPhase::running;
  // Unknown: its node has not been heard of; what it was is not known to have ended.
  if (phase == "Unknown") return PodPhase::running;
  if (phase == "Failed" || phase == "Succeeded") return PodPhase::failed;
  return PodPhase::pending;
}

}  // namespace

FleetPod fleet_pod(const nlohmann::json& object, const std::string& container, TimeNs epoch) {
  const PodObject pod = read_pod(object);
  FleetPod result;
  PodObservation& observation = result.observation;
  observation.name = pod.name;
  observation.uid = pod.uid;
  observation.node = pod.node;
  observation.phase = phase_of(pod.phase);
  observation.ready = pod.ready;
  observation.terminating = pod.terminating;
  observation.draining = pod.has_annotation(kDrainingAnnotation);
  if (const PodObject::Container* status = pod.container(container)) {
    observation.restarts = status->restarts;
    const auto started = parse_utc(status->started);
    if (started) observation.started_s = to_seconds(*started - epoch);
  }
  result.created = pod.created;
  for (const PodObject::Owner& owner : pod.owners) {
    if (!owner.is_controller) continue;
    result.owner_kind = owner.kind;
    result.owner_uid = owner.uid;
  }
  result.address = pod.address;
  for (const PodObject::Port& port : pod.ports) {
    if (port.container == container && port.name == "http") result.http_port = port.number;
  }
  return result;
}

}  // namespace wsfleet
