// SPDX-License-Identifier: Apache-2.0
#include "cluster/balancers/random.h"

#include "cluster/balancers/chance.h"

namespace wsfleet {

RandomChoice::RandomChoice(RandomStreams streams) : chance_(streams.stream(kBalancerStream)) {}

std::optional<EndpointId> RandomChoice::pick(const PickRequest& request) {
  if (endpoints_.empty()) return std::nullopt;
  return endpoints_[random_index(draw_for(chance_, request), endpoints_.size())];
}

std::unique_ptr<Balancer> make_random(const ClusterSettings& /*settings*/, RandomStreams streams) {
  return std::make_unique<RandomChoice>(streams);
}

}  // namespace wsfleet
