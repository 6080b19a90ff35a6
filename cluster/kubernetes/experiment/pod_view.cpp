// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/experiment/pod_view.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace wsfleet {
namespace {

using nlohmann::json;

const json* find(const json& object, const char* pointer) {
  const json::json_pointer place(pointer);
  return object.contains(place) ? &object.at(place) : nullptr;
}

bool is_true(const json& pod, const char* condition) {
  const json* conditions = find(pod, "/status/conditions");
  if (conditions == nullptr || !conditions->is_array()) return false;
  for (const json& one : *conditions) {
    if (text_at(one, "/type") == condition) return text_at(one, "/status") == "True";
  }
  return false;
}

void read_container(const json& status, PodView& view) {
  view.running = status.contains(json::json_pointer("/state/running"));
  view.restarts = number_at(status, "/restartCount");
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
  PodView view;
  view.name = text_at(pod, "/metadata/name");
  view.uid = text_at(pod, "/metadata/uid");
  view.created = text_at(pod, "/metadata/creationTimestamp");
  view.node = text_at(pod, "/spec/nodeName");
  view.address = text_at(pod, "/status/podIP");
  view.terminating = !text_at(pod, "/metadata/deletionTimestamp").empty();
  view.failed = text_at(pod, "/status/phase") == "Failed";
  view.ready = is_true(pod, "Ready");
  const json* statuses = find(pod, "/status/containerStatuses");
  if (statuses == nullptr || !statuses->is_array()) return view;
  for (const json& status : *statuses) {
    if (text_at(status, "/name") == container) read_container(status, view);
  }
  return view;
}

}  // namespace wsfleet
