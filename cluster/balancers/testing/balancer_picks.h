// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the balancers' tests share. Tests only.

#include <memory>

#include "cluster/balancers/balancer.h"

namespace wsfleet {

inline std::unique_ptr<Balancer> make_test_balancer(BalancerKind kind, std::uint64_t seed = 1) {
  ClusterSettings settings;
  settings.balancer = kind;
  return make_balancer(settings, RandomStreams(seed));
}

inline PickRequest request_of(std::uint64_t session, TimeNs now = 0) {
  return {.session = session, .attempt = 0, .source = session, .now = now};
}

inline std::vector<EndpointId> endpoints_up_to(EndpointId count) {
  std::vector<EndpointId> endpoints(count);
  for (EndpointId i = 0; i < count; ++i) endpoints[i] = i;
  return endpoints;
}

}  // namespace wsfleet
