// SPDX-License-Identifier: Apache-2.0
#include "cluster/balancers/consistent_hash.h"

#include <algorithm>
#include <bit>

#include "cluster/balancers/endpoint_changes.h"

namespace wsfleet {
namespace {

constexpr std::uint32_t kPointsPerEndpoint = 100;

}  // namespace

ConsistentHash::ConsistentHash(RandomStreams streams)
    : points_(streams.stream("cluster.balancer.points")),
      sources_(streams.stream("cluster.balancer.sources")) {}

void ConsistentHash::set_endpoints(const std::vector<EndpointId>& endpoints) {
  make_room_for(endpoints, lives_);
  const EndpointChanges changes = changes_between(endpoints_, endpoints);
  endpoints_ = endpoints;
  std::erase_if(ring_, [&](const Point& point) {
    return std::binary_search(changes.removed.begin(), changes.removed.end(), point.endpoint);
  });
  add_points(changes.added);
  index_ring();
}

void ConsistentHash::add_points(const std::vector<EndpointId>& added) {
  const auto kept = static_cast<std::ptrdiff_t>(ring_.size());
  for (const EndpointId endpoint : added) {
    const std::uint64_t key = (static_cast<std::uint64_t>(lives_[endpoint]) << 32) | endpoint;
    for (std::uint32_t i = 0; i < kPointsPerEndpoint; ++i) {
      ring_.push_back({points_.bits(key, i), endpoint});
    }
  }
  std::sort(ring_.begin() + kept, ring_.end());
  std::inplace_merge(ring_.begin(), ring_.begin() + kept, ring_.end());
}

// As many buckets as points, about: one step of search on average.
void ConsistentHash::index_ring() {
  const std::size_t buckets = std::bit_ceil(std::max<std::size_t>(ring_.size(), 2));
  shift_ = 64 - std::countr_zero(buckets);
  first_.resize(buckets);
  std::uint32_t at = 0;
  for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
    while (at < ring_.size() && (ring_[at].hash >> shift_) < bucket) ++at;
    first_[bucket] = at;
  }
}

std::optional<EndpointId> ConsistentHash::pick(const PickRequest& request) {
  if (ring_.empty()) return std::nullopt;
  const std::uint64_t hash = sources_.bits(request.source);
  std::size_t at = first_[hash >> shift_];
  while (at < ring_.size() && ring_[at].hash < hash) ++at;
  return ring_[at < ring_.size() ? at : 0].endpoint;
}

void ConsistentHash::forget(EndpointId endpoint) {
  if (endpoint < lives_.size()) ++lives_[endpoint];
}

std::unique_ptr<Balancer> make_consistent_hash(const ClusterSettings& /*settings*/,
                                               RandomStreams streams) {
  return std::make_unique<ConsistentHash>(streams);
}

}  // namespace wsfleet
