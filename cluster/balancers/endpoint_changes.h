// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which endpoints joined and left between two sorted lists. Pure.

#include <algorithm>
#include <iterator>
#include <vector>

#include "cluster/balancers/balancer.h"

namespace wsfleet {

struct EndpointChanges {
  std::vector<EndpointId> added;
  std::vector<EndpointId> removed;
};

inline EndpointChanges changes_between(const std::vector<EndpointId>& before,
                                       const std::vector<EndpointId>& after) {
  EndpointChanges changes;
  std::set_difference(after.begin(), after.end(), before.begin(), before.end(),
                      std::back_inserter(changes.added));
  std::set_difference(before.begin(), before.end(), after.begin(), after.end(),
                      std::back_inserter(changes.removed));
  return changes;
}

/// Makes room for all `endpoints` (sorted) in what a balancer keeps by endpoint.
template <class T>
void make_room_for(const std::vector<EndpointId>& endpoints, std::vector<T>& by_endpoint) {
  if (!endpoints.empty() && endpoints.back() >= by_endpoint.size()) {
    by_endpoint.resize(endpoints.back() + std::size_t{1});
  }
}

}  // namespace wsfleet
