// SPDX-License-Identifier: Apache-2.0
#include "cluster/balancers/round_robin.h"

#include <algorithm>

namespace wsfleet {

void RoundRobin::set_endpoints(const std::vector<EndpointId>& endpoints) {
  endpoints_ = endpoints;
  next_ = 0;
  if (!last_) return;
  const auto behind = std::upper_bound(endpoints_.begin(), endpoints_.end(), *last_);
  if (behind != endpoints_.end()) next_ = static_cast<std::size_t>(behind - endpoints_.begin());
}

std::optional<EndpointId> RoundRobin::pick(const PickRequest& /*request*/) {
  if (endpoints_.empty()) return std::nullopt;
  last_ = endpoints_[next_];
  if (++next_ == endpoints_.size()) next_ = 0;
  return last_;
}

std::unique_ptr<Balancer> make_round_robin(const ClusterSettings& /*settings*/,
                                           RandomStreams /*streams*/) {
  return std::make_unique<RoundRobin>();
}

}  // namespace wsfleet
