// SPDX-License-Identifier: Apache-2.0
#pragma once
// The numbers of endpoints whose pods are gone and which the ingress is still to forget: no new pod
// gets such a number, or it would come in with the old one's figures. Pure.

#include <map>
#include <vector>

#include "cluster/balancers/balancer.h"

namespace wsfleet {

class ForgottenEndpoints {
 public:
  void add(EndpointId endpoint) { under_way_.emplace(endpoint, false); }
  bool holds(EndpointId endpoint) const { return under_way_.contains(endpoint); }

  /// Those that the ingress is to be told of now; they are under way until answered().
  std::vector<EndpointId> take() {
    std::vector<EndpointId> due;
    for (auto& [endpoint, under_way] : under_way_) {
      if (!under_way) due.push_back(endpoint);
      under_way = true;
    }
    return due;
  }
  /// The number is free again, or due again.
  void answered(EndpointId endpoint, bool forgotten) {
    if (forgotten) {
      under_way_.erase(endpoint);
    } else {
      under_way_[endpoint] = false;
    }
  }

 private:
  std::map<EndpointId, bool> under_way_;
};

}  // namespace wsfleet
