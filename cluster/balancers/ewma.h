// SPDX-License-Identifier: Apache-2.0
#pragma once
// EWMA as ingress-nginx does it (rootfs/etc/nginx/lua/balancer/ewma.lua): of two random endpoints
// the lower score wins, the first drawn where they are equal. A score is updated when a request
// ends, with upstream connect plus response time: for a socket that is its whole life, at its
// close.
//
//   score(now)  = stored * exp(-(now - touched) / 10 s)
//   at an end:    stored = score(now) + time * (1 - exp(-(now - touched) / 10 s)), touched = now
//
// An endpoint without a score counts as 0 and takes its first sample as it is. One that joins takes
// the mean of the stored scores; one that leaves loses its own. What docs/balancers.md says of
// sockets follows from these lines. nginx' retries on the next endpoint are not modelled.

#include "cluster/balancers/balancer.h"

namespace wsfleet {

class Ewma final : public Balancer {
 public:
  explicit Ewma(RandomStreams streams);
  void advance_to(TimeNs now) override;
  void set_endpoints(const std::vector<EndpointId>& endpoints) override;
  std::optional<EndpointId> pick(const PickRequest& request) override;
  void release(EndpointId endpoint, TimeNs now, TimeNs response_time) override;
  void forget(EndpointId endpoint) override;

  /// Seconds, decayed to `now`.
  double score(EndpointId endpoint, TimeNs now) const;

 private:
  struct Entry {
    double stored_s = 0;
    TimeNs touched = 0;
    bool known = false;  // has a score: nginx has an entry in its dictionary
  };

  void start_slowly(const std::vector<EndpointId>& added);

  RandomStream chance_;
  std::vector<EndpointId> endpoints_;
  std::vector<Entry> entries_;  // by endpoint
  TimeNs now_ = 0;
};

std::unique_ptr<Balancer> make_ewma(const ClusterSettings& settings, RandomStreams streams);

}  // namespace wsfleet
