// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/endpoints/fleet_endpoints.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

namespace wsfleet {
namespace {

using nlohmann::json;

std::string text_in(const json& object, const char* pointer) {
  const json::json_pointer place(pointer);
  if (!object.contains(place) || !object.at(place).is_string()) return "";
  return object.at(place).get<std::string>();
}

std::string address_of(const json& pod) { return text_in(pod, "/status/podIP"); }

bool is_ready(const json& pod) {
  const json::json_pointer place("/status/conditions");
  if (!pod.contains(place) || !pod.at(place).is_array()) return false;
  const json& conditions = pod.at(place);
  return std::any_of(conditions.begin(), conditions.end(), [](const json& condition) {
    return text_in(condition, "/type") == "Ready" && text_in(condition, "/status") == "True";
  });
}

}  // namespace

bool takes_connections(const json& pod) {
  return is_ready(pod) && text_in(pod, "/metadata/deletionTimestamp").empty() &&
         !address_of(pod).empty();
}

std::vector<ScrapeTarget> scrape_targets(const PodObjects& pods, int port) {
  std::vector<ScrapeTarget> targets;
  for (const auto& [uid, pod] : pods) {
    if (text_in(pod, "/status/phase") != "Running" || address_of(pod).empty()) continue;
    targets.push_back({.address = fmt::format("{}:{}", address_of(pod), port),
                       .uid = uid,
                       .pod = text_in(pod, "/metadata/name"),
                       .pod_namespace = text_in(pod, "/metadata/namespace")});
  }
  return targets;
}

std::vector<IngressEndpoint> EndpointNumbers::endpoints(const PodObjects& pods, int port) {
  std::vector<IngressEndpoint> list;
  for (const auto& [uid, pod] : pods) {
    if (!takes_connections(pod)) continue;
    list.push_back({.id = number_of(uid),
                    .uid = uid,
                    .address = address_of(pod),
                    .port = static_cast<std::uint16_t>(port)});
  }
  std::sort(list.begin(), list.end(),
            [](const IngressEndpoint& a, const IngressEndpoint& b) { return a.id < b.id; });
  return list;
}

std::vector<EndpointId> EndpointNumbers::take_gone(const PodObjects& pods) {
  std::vector<EndpointId> gone;
  for (auto entry = numbers_.begin(); entry != numbers_.end();) {
    if (pods.count(entry->first) > 0) {
      ++entry;
      continue;
    }
    gone.push_back(entry->second);
    entry = numbers_.erase(entry);
  }
  return gone;
}

EndpointId EndpointNumbers::number_of(const std::string& uid) {
  if (const auto known = numbers_.find(uid); known != numbers_.end()) return known->second;
  std::set<EndpointId> taken;
  for (const auto& [other, number] : numbers_) taken.insert(number);
  EndpointId free = 0;
  while (taken.count(free) > 0) ++free;
  numbers_.emplace(uid, free);
  return free;
}

}  // namespace wsfleet
