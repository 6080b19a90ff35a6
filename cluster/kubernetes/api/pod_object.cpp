// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/api/pod_object.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace wsfleet {
namespace {

using nlohmann::json;

const json& at(const json& object, const char* pointer) {
  static const json kNone;
  const json::json_pointer place(pointer);
  return object.contains(place) ? object.at(place) : kNone;
}

/// An empty one where there is no list.
const json& list_at(const json& object, const char* pointer) {
  static const json kEmpty = json::array();
  const json& value = at(object, pointer);
  return value.is_array() ? value : kEmpty;
}

std::optional<PodObject::Cause> cause_at(const json& object, const char* pointer) {
  const json& value = at(object, pointer);
  if (!value.is_object()) return std::nullopt;
  PodObject::Cause cause{text_at(value, "/reason"), text_at(value, "/message")};
  const json& code = at(value, "/exitCode");
  if (code.is_number_integer()) cause.exit_status = code.get<int>();
  return cause;
}

PodObject::Container read_container(const json& status) {
  return {.name = text_at(status, "/name"),
          .restarts = number_at(status, "/restartCount"),
          .running = at(status, "/state/running").is_object(),
          .started = text_at(status, "/state/running/startedAt"),
          .waiting = cause_at(status, "/state/waiting"),
          .ended = cause_at(status, "/state/terminated"),
          .ended_before = cause_at(status, "/lastState/terminated")};
}

void read_conditions(const json& pod, PodObject& read) {
  for (const json& condition : list_at(pod, "/status/conditions")) {
    const std::string type = text_at(condition, "/type");
    const std::string status = text_at(condition, "/status");
    if (type == "Ready") read.ready = status == "True";
    if (type == "PodScheduled" && status == "False") read.unscheduled = cause_at(condition, "");
  }
}

void read_ports(const json& pod, PodObject& read) {
  for (const json& container : list_at(pod, "/spec/containers")) {
    for (const json& port : list_at(container, "/ports")) {
      const int number = number_at(port, "/containerPort");
      if (number < 1 || number > 65535) continue;
      read.ports.push_back({text_at(container, "/name"), text_at(port, "/name"),
                            static_cast<std::uint16_t>(number)});
    }
  }
}

}  // namespace

std::string text_at(const json& object, const char* pointer) {
  const json& value = at(object, pointer);
  return value.is_string() ? value.get<std::string>() : std::string();
}

int number_at(const json& object, const char* pointer) {
  const json& value = at(object, pointer);
  return value.is_number_integer() ? value.get<int>() : 0;
}

std::string PodObject::Cause::text() const {
  if (reason.empty() || message.empty()) return reason + message;
  return reason + ": " + message;
}

const PodObject::Container* PodObject::container(const std::string& wanted) const {
  const auto found = std::find_if(containers.begin(), containers.end(),
                                  [&](const Container& one) { return one.name == wanted; });
  return found == containers.end() ? nullptr : &*found;
}

bool PodObject::has_annotation(const std::string& wanted) const {
  return std::find(annotations.begin(), annotations.end(), wanted) != annotations.end();
}

PodObject read_pod(const json& pod) {
  PodObject read;
  read.name = text_at(pod, "/metadata/name");
  read.name_space = text_at(pod, "/metadata/namespace");
  read.uid = text_at(pod, "/metadata/uid");
  read.created = text_at(pod, "/metadata/creationTimestamp");
  read.node = text_at(pod, "/spec/nodeName");
  read.phase = text_at(pod, "/status/phase");
  read.address = text_at(pod, "/status/podIP");
  read.terminating = !text_at(pod, "/metadata/deletionTimestamp").empty();
  read.cause = {text_at(pod, "/status/reason"), text_at(pod, "/status/message")};
  read_conditions(pod, read);
  const json& annotations = at(pod, "/metadata/annotations");
  if (annotations.is_object()) {
    for (const auto& [name, value] : annotations.items()) read.annotations.push_back(name);
  }
  for (const json& owner : list_at(pod, "/metadata/ownerReferences")) {
    const json& controls = at(owner, "/controller");
    read.owners.push_back({text_at(owner, "/kind"), text_at(owner, "/uid"),
                           controls.is_boolean() && controls.get<bool>()});
  }
  for (const json& status : list_at(pod, "/status/containerStatuses")) {
    read.containers.push_back(read_container(status));
  }
  read_ports(pod, read);
  return read;
}

}  // namespace wsfleet
