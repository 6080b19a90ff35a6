// SPDX-License-Identifier: Apache-2.0
#pragma once
// Consistent hashing of the source address: a ring on which each endpoint has 100 points; a source
// belongs to the next point behind its hash. An endpoint that joins or leaves moves about 1 / n of
// the sources. As ingress-nginx' upstream-hash-by with the client address (lua-resty-balancer's
// chash, 160 points). Source: D. Karger et al., "Consistent Hashing and Random Trees" (1997). A
// table over the leading bits of the hash makes the search O(1) on average.

#include "cluster/balancers/balancer.h"

namespace wsfleet {

class ConsistentHash final : public Balancer {
 public:
  explicit ConsistentHash(RandomStreams streams);
  void set_endpoints(const std::vector<EndpointId>& endpoints) override;
  std::optional<EndpointId> pick(const PickRequest& request) override;
  void release(EndpointId, TimeNs, TimeNs) override {}
  void forget(EndpointId endpoint) override;

 private:
  struct Point {
    std::uint64_t hash;
    EndpointId endpoint;
    bool operator<(const Point& other) const {
      return hash != other.hash ? hash < other.hash : endpoint < other.endpoint;
    }
  };

  void add_points(const std::vector<EndpointId>& added);
  void index_ring();

  RandomStream points_;
  RandomStream sources_;
  std::vector<EndpointId> endpoints_;
  std::vector<std::uint32_t> lives_;  // by endpoint: a number's next pod has points of its own
  std::vector<Point> ring_;           // sorted
  std::vector<std::uint32_t> first_;  // by leading bits: the first point at or behind them
  int shift_ = 0;                     // 64 - number of leading bits
};

std::unique_ptr<Balancer> make_consistent_hash(const ClusterSettings& settings,
                                               RandomStreams streams);

}  // namespace wsfleet
