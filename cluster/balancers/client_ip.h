// SPDX-License-Identifier: Apache-2.0
#pragma once
// A Service's sessionAffinity: ClientIP. The first connection of a source address goes to a random
// endpoint; later ones go there too as long as the last one is no older than the timeout (each new
// connection starts it anew, as in kube-proxy's nftables, IPVS and iptables modes) and the endpoint
// has not left in between. The 100 addresses per endpoint to which iptables' xt_recent is limited
// by default are not modelled.
// A table of open addressing, O(1): expired sources are dropped whenever it would have to grow.

#include "cluster/balancers/balancer.h"

namespace wsfleet {

class ClientIp final : public Balancer {
 public:
  ClientIp(TimeNs timeout, RandomStreams streams);
  void set_endpoints(const std::vector<EndpointId>& endpoints) override;
  std::optional<EndpointId> pick(const PickRequest& request) override;
  void release(EndpointId, TimeNs, TimeNs) override {}
  void forget(EndpointId) override {}

  /// Sources in the table, expired ones included.
  std::size_t remembered() const { return used_; }

 private:
  struct Affinity {
    std::uint64_t source = 0;
    TimeNs last = 0;
    EndpointId endpoint = 0;
    std::uint32_t stay = kFree;  // of that endpoint among the endpoints
  };
  static constexpr std::uint32_t kFree = 0;

  bool holds(const Affinity& affinity, TimeNs now) const;
  Affinity& find(std::uint64_t source);  // its entry, or the free one where it belongs
  void make_room(TimeNs now);

  TimeNs timeout_;
  RandomStream chance_;
  std::vector<EndpointId> endpoints_;
  std::vector<std::uint32_t> stays_;  // by endpoint: odd while it is in the list, even while not
  std::vector<Affinity> table_;       // a power of two, at most half full
  std::size_t used_ = 0;
};

std::unique_ptr<Balancer> make_client_ip(const ClusterSettings& settings, RandomStreams streams);

}  // namespace wsfleet
