// SPDX-License-Identifier: Apache-2.0
#pragma once
// Round robin: each endpoint in turn, whatever it carries. Where the list changes, the turn goes on
// behind the endpoint that was picked last.

#include "cluster/balancers/balancer.h"

namespace wsfleet {

class RoundRobin final : public Balancer {
 public:
  void set_endpoints(const std::vector<EndpointId>& endpoints) override;
  std::optional<EndpointId> pick(const PickRequest& request) override;
  void release(EndpointId, TimeNs, TimeNs) override {}
  void forget(EndpointId) override {}

 private:
  std::vector<EndpointId> endpoints_;
  std::size_t next_ = 0;
  std::optional<EndpointId> last_;
};

std::unique_ptr<Balancer> make_round_robin(const ClusterSettings& settings, RandomStreams streams);

}  // namespace wsfleet
