// SPDX-License-Identifier: Apache-2.0
#pragma once
// What pods mean to an ingress and to Prometheus: the endpoints that get connections, each with a
// small number that it keeps while it lives, and the targets to scrape. Pure. Not thread-safe.

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "cluster/ingress/ingress_admin.h"
#include "cluster/prometheus/prometheus_files.h"

namespace wsfleet {

using PodObjects = std::map<std::string, nlohmann::json>;  // by uid, as the API server gives them

/// Ready and not going away, with an address: what a Service's endpoints would be.
bool takes_connections(const nlohmann::json& pod);

/// Pods that run, ready or not, also while they go away: they have metrics until they are gone.
std::vector<ScrapeTarget> scrape_targets(const PodObjects& pods, int port);

class EndpointNumbers {
 public:
  /// The list to put, by number. A pod gets the smallest free number when it first is an endpoint,
  /// and keeps it until it is gone.
  std::vector<IngressEndpoint> endpoints(const PodObjects& pods, int port);
  /// Numbers whose pods are gone; each is told once and is free again then.
  std::vector<EndpointId> take_gone(const PodObjects& pods);

 private:
  EndpointId number_of(const std::string& uid);
  std::map<std::string, EndpointId> numbers_;  // by uid
};

}  // namespace wsfleet
