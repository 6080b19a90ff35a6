// SPDX-License-Identifier: Apache-2.0
#pragma once
// Least connections: the endpoint with the fewest connections, attempts under way included. Among
// several with the fewest, the one that has had that count for longest (nginx' least_conn goes
// round robin among them): deterministic, no chance in it.
// One queue of endpoints per count; counts move by one, so pick() and release() are O(1).

#include "cluster/balancers/balancer.h"

namespace wsfleet {

class LeastConnections final : public Balancer {
 public:
  void set_endpoints(const std::vector<EndpointId>& endpoints) override;
  std::optional<EndpointId> pick(const PickRequest& request) override;
  void release(EndpointId endpoint, TimeNs now, TimeNs response_time) override;
  void forget(EndpointId endpoint) override;

  /// Connections that were picked and not released; known for endpoints that left, too.
  std::uint32_t connections(EndpointId endpoint) const;

 private:
  static constexpr EndpointId kNone = UINT32_MAX;

  struct Entry {
    std::uint32_t connections = 0;
    EndpointId previous = kNone;
    EndpointId next = kNone;
    bool active = false;
  };
  struct Queue {
    EndpointId head = kNone;
    EndpointId tail = kNone;
  };

  void append(EndpointId endpoint);  // to the queue of its count
  void unlink(EndpointId endpoint);
  void change(EndpointId endpoint, std::uint32_t connections);
  void find_fewest();

  std::vector<EndpointId> endpoints_;
  std::vector<Entry> entries_;  // by endpoint
  std::vector<Queue> queues_;   // by count, of active endpoints
  std::size_t fewest_ = 0;      // the first queue that is not empty, where there is an endpoint
};

std::unique_ptr<Balancer> make_least_connections(const ClusterSettings& settings,
                                                 RandomStreams streams);

}  // namespace wsfleet
