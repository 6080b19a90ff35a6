// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/fleet_pod.h"

#include <nlohmann/json.hpp>

#include "cluster/kubernetes/names.h"
#include "core/utc.h"

namespace wsfleet {
namespace {

using nlohmann::json;

const json& at(const json& object, const char* pointer) {
  static const json kNone;
  const json::json_pointer place(pointer);
  return object.contains(place) ? object.at(place) : kNone;
}

std::string text_of(const json& value) {
  return value.is_string() ? value.get<std::string>() : std::string();
}

PodPhase phase_of(const std::string& phase) {
  if (phase == "Running") return PodPhase::running;
  // Unknown: its node has not been heard of; what it was is not known to have ended.
  if (phase == "Unknown") return PodPhase::running;
  if (phase == "Failed" || phase == "Succeeded") return PodPhase::failed;
  return PodPhase::pending;
}

bool is_ready(const json& pod) {
  for (const json& condition : at(pod, "/status/conditions")) {
    if (text_of(at(condition, "/type")) != "Ready") continue;
    return text_of(at(condition, "/status")) == "True";
  }
  return false;
}

void read_container(const json& pod, const std::string& container, TimeNs epoch,
                    PodObservation& observation) {
  for (const json& status : at(pod, "/status/containerStatuses")) {
    if (text_of(at(status, "/name")) != container) continue;
    const json& restarts = at(status, "/restartCount");
    if (restarts.is_number_integer()) observation.restarts = restarts.get<int>();
    const auto started = parse_utc(text_of(at(status, "/state/running/startedAt")));
    if (started) observation.started_s = to_seconds(*started - epoch);
  }
}

std::uint16_t http_port_of(const json& pod, const std::string& container) {
  for (const json& one : at(pod, "/spec/containers")) {
    if (text_of(at(one, "/name")) != container) continue;
    for (const json& port : at(one, "/ports")) {
      const json& number = at(port, "/containerPort");
      if (text_of(at(port, "/name")) != "http" || !number.is_number_integer()) continue;
      return number.get<std::uint16_t>();
    }
  }
  return 0;
}

}  // namespace

FleetPod fleet_pod(const json& pod, const std::string& container, TimeNs epoch) {
  FleetPod result;
  PodObservation& observation = result.observation;
  observation.name = text_of(at(pod, "/metadata/name"));
  observation.uid = text_of(at(pod, "/metadata/uid"));
  observation.node = text_of(at(pod, "/spec/nodeName"));
  observation.phase = phase_of(text_of(at(pod, "/status/phase")));
  observation.ready = is_ready(pod);
  observation.terminating = !text_of(at(pod, "/metadata/deletionTimestamp")).empty();
  const json& annotations = at(pod, "/metadata/annotations");
  observation.draining = annotations.is_object() && annotations.contains(kDrainingAnnotation);
  read_container(pod, container, epoch, observation);
  result.created = text_of(at(pod, "/metadata/creationTimestamp"));
  for (const json& owner : at(pod, "/metadata/ownerReferences")) {
    const json& controls = at(owner, "/controller");
    if (!controls.is_boolean() || !controls.get<bool>()) continue;
    result.owner_kind = text_of(at(owner, "/kind"));
    result.owner_uid = text_of(at(owner, "/uid"));
  }
  result.address = text_of(at(pod, "/status/podIP"));
  result.http_port = http_port_of(pod, container);
  return result;
}

}  // namespace wsfleet
