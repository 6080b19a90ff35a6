// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/endpoints/fleet_endpoints.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "cluster/kubernetes/api/pod_object.h"

namespace wsfleet {
namespace {

bool takes(const PodObject& pod) { return pod.ready && !pod.terminating && !pod.address.empty(); }

}  // namespace

bool takes_connections(const nlohmann::json& pod) { return takes(read_pod(pod)); }

std::vector<ScrapeTarget> scrape_targets(const PodObjects& pods, int port) {
  std::vector<ScrapeTarget> targets;
  for (const auto& [uid, object] : pods) {
    const PodObject pod = read_pod(object);
    if (pod.phase != "Running" || pod.address.empty()) continue;
    targets.push_back({.address = fmt::format("{}:{}", pod.address, port),
                       .uid = uid,
                       .pod = pod.name,
                       .pod_namespace = pod.name_space});
  }
  return targets;
}

std::vector<IngressEndpoint> EndpointNumbers::endpoints(const PodObjects& pods, int port) {
  std::vector<IngressEndpoint> list;
  for (const auto& [uid, object] : pods) {
    const PodObject pod = read_pod(object);
    if (!takes(pod)) continue;
    list.push_back({.id = number_of(uid),
                    .uid = uid,
                    .address = pod.address,
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
