// SPDX-License-Identifier: Apache-2.0
#include "cluster/balancers/power_of_two.h"

#include "cluster/balancers/chance.h"
#include "cluster/balancers/endpoint_changes.h"

namespace wsfleet {

PowerOfTwo::PowerOfTwo(RandomStreams streams) : chance_(streams.stream(kBalancerStream)) {}

void PowerOfTwo::set_endpoints(const std::vector<EndpointId>& endpoints) {
  endpoints_ = endpoints;
  make_room_for(endpoints_, connections_);
}

std::optional<EndpointId> PowerOfTwo::pick(const PickRequest& request) {
  if (endpoints_.empty()) return std::nullopt;
  EndpointId chosen = endpoints_.front();
  if (endpoints_.size() > 1) {
    const auto [first, second] = random_pair(draw_for(chance_, request), endpoints_.size());
    const EndpointId a = endpoints_[first];
    const EndpointId b = endpoints_[second];
    chosen = connections_[b] < connections_[a] ? b : a;
  }
  ++connections_[chosen];
  return chosen;
}

void PowerOfTwo::release(EndpointId endpoint, TimeNs /*now*/, TimeNs /*response_time*/) {
  if (endpoint < connections_.size() && connections_[endpoint] > 0) --connections_[endpoint];
}

void PowerOfTwo::forget(EndpointId endpoint) {
  if (endpoint < connections_.size()) connections_[endpoint] = 0;
}

std::unique_ptr<Balancer> make_power_of_two(const ClusterSettings& /*settings*/,
                                            RandomStreams streams) {
  return std::make_unique<PowerOfTwo>(streams);
}

}  // namespace wsfleet
