// SPDX-License-Identifier: Apache-2.0
#pragma once
// How the ingress picks a pod. Pure: time and chance come in; the Lua of the live nginx is held to
// the same picks by test vectors. One file per balancer, one line each in balancers.cpp. Picks
// cost O(1) or O(log endpoints). Not thread-safe.

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "cluster/settings.h"
#include "core/random.h"
#include "core/time.h"

namespace wsfleet {

/// A dense small number that names a pod to its balancer: 0, 1, 2, ... A pod keeps its number while
/// it lives; numbers of dead pods come back.
using EndpointId = std::uint32_t;

struct PickRequest {
  std::uint64_t session = 0;  // serial
  std::uint32_t attempt = 0;  // counts the session's attempts: (session, attempt) keys chance
  std::uint64_t source = 0;   // source address
  TimeNs now = 0;
};

/// An ingress asks up to so many upstreams when a connection is refused (ingress-nginx'
/// proxy-next-upstream-tries).
inline constexpr std::uint32_t kUpstreamTries = 3;

/// The `attempt` of a request whose client makes its `attempt`-th one and of which `tried`
/// upstreams have been asked. Who asks but one counts alike, so that the same chance falls to it.
constexpr std::uint32_t upstream_draw(std::uint32_t attempt, std::uint32_t tried = 0) {
  return attempt * kUpstreamTries + tried;
}

class Balancer {
 public:
  virtual ~Balancer() = default;
  /// Tells a balancer that ages what it knows how late it is; picks and releases do so too. Call it
  /// before set_endpoints() when neither has happened for a while.
  virtual void advance_to(TimeNs /*now*/) {}
  /// The ready endpoints, sorted, whenever they change. Counts of those that stay are kept; an
  /// endpoint that left and comes back still has the connections that were not released.
  virtual void set_endpoints(const std::vector<EndpointId>& endpoints) = 0;
  /// Nothing only when there is no endpoint. The pick counts as one connection of that endpoint
  /// until release().
  virtual std::optional<EndpointId> pick(const PickRequest& request) = 0;
  /// A connection (or a refused or failed attempt) that pick() gave to `endpoint` has ended.
  /// `response_time` is connect time plus the whole upstream response: of a socket, its life.
  virtual void release(EndpointId endpoint, TimeNs now, TimeNs response_time) = 0;
  /// The pod is gone for good: forget what is known of the number. Its connections have all been
  /// released and it is no endpoint any more.
  virtual void forget(EndpointId endpoint) = 0;
};

std::unique_ptr<Balancer> make_balancer(const ClusterSettings& settings, RandomStreams streams);

/// The names in the order of the table (sorted), for the scenario's `balancer` key and the docs.
std::vector<std::pair<const char*, BalancerKind>> balancer_names();
/// "least_connections", as the scenario's key has it.
const char* balancer_name(BalancerKind kind);

}  // namespace wsfleet
