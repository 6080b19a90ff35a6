// SPDX-License-Identifier: Apache-2.0
#pragma once
// Random: each endpoint with the same probability, as kube-proxy's iptables rules without affinity.

#include "cluster/balancers/balancer.h"

namespace wsfleet {

class RandomChoice final : public Balancer {
 public:
  explicit RandomChoice(RandomStreams streams);
  void set_endpoints(const std::vector<EndpointId>& endpoints) override { endpoints_ = endpoints; }
  std::optional<EndpointId> pick(const PickRequest& request) override;
  void release(EndpointId, TimeNs, TimeNs) override {}
  void forget(EndpointId) override {}

 private:
  RandomStream chance_;
  std::vector<EndpointId> endpoints_;
};

std::unique_ptr<Balancer> make_random(const ClusterSettings& settings, RandomStreams streams);

}  // namespace wsfleet
