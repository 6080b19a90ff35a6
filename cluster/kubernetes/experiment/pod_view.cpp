// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/experiment/pod_view.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cluster/kubernetes/fleet_pod.h"

namespace wsfleet {
namespace {

using nlohmann::json;

const json* find(const json& object, const char* pointer) {
  const json::json_pointer place(pointer);
  return object.contains(place) ? &object.at(place) : nullptr;
}

void read_container(const json& status, PodView& view) {
  view.running = status.contains(json::json_pointer("/state/running"));
  for (const char* place : {"/state/terminated", "/lastState/terminated"}) {
    const json* end = find(status, place);
    if (end == nullptr) continue;
    const std::string reason = text_at(*end, "/reason");
    view.out_of_memory = reason == "OOMKilled";
    view.last_end = fmt::format("{}, exit status {}", reason, number_at(*end, "/exitCode"));
    return;
  }
}

}  // namespace

std::string text_at(const json& object, const char* pointer) {
  const json* value = find(object, pointer);
  return value != nullptr && value->is_string() ? value->get<std::string>() : std::string();
}

int number_at(const json& object, const char* pointer) {
  const json* value = find(object, pointer);
  return value != nullptr && value->is_number_integer() ? value->get<int>() : 0;
}

PodView pod_view(const json& pod, const std::string& container) {
  const FleetPod read = fleet_pod(pod, container, 0);
  PodView view;
  view.name = read.observation.name;
  view.uid = read.observation.uid;
  view.created = read.created;
  view.node = read.observation.node;
  view.ready = read.observation.ready;
  view.terminating = read.observation.terminating;
  view.restarts = read.observation.restarts;
  const json* statuses = find(pod, "/status/containerStatuses");
  if (statuses == nullptr || !statuses->is_array()) return view;
  for (const json& status : *statuses) {
    if (text_at(status, "/name") == container) read_container(status, view);
  }
  return view;
}

}  // namespace wsfleet
