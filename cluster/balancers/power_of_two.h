// SPDX-License-Identifier: Apache-2.0
#pragma once
// The power of two choices: of two random endpoints the one with fewer connections (attempts under
// way included), the first drawn where they are equal. As nginx' "random two least_conn".
// Source: M. Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing" (2001).

#include "cluster/balancers/balancer.h"

namespace wsfleet {

class PowerOfTwo final : public Balancer {
 public:
  explicit PowerOfTwo(RandomStreams streams);
  void set_endpoints(const std::vector<EndpointId>& endpoints) override;
  std::optional<EndpointId> pick(const PickRequest& request) override;
  void release(EndpointId endpoint, TimeNs now, TimeNs response_time) override;
  void forget(EndpointId endpoint) override;

 private:
  RandomStream chance_;
  std::vector<EndpointId> endpoints_;
  std::vector<std::uint32_t> connections_;  // by endpoint
};

std::unique_ptr<Balancer> make_power_of_two(const ClusterSettings& settings, RandomStreams streams);

}  // namespace wsfleet
