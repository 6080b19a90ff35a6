// SPDX-License-Identifier: Apache-2.0
#include "cluster/balancers/least_connections.h"

#include "cluster/balancers/endpoint_changes.h"

namespace wsfleet {

void LeastConnections::set_endpoints(const std::vector<EndpointId>& endpoints) {
  make_room_for(endpoints, entries_);
  const EndpointChanges changes = changes_between(endpoints_, endpoints);
  for (const EndpointId endpoint : changes.removed) unlink(endpoint);
  for (const EndpointId endpoint : changes.added) append(endpoint);
  endpoints_ = endpoints;
  find_fewest();
}

std::optional<EndpointId> LeastConnections::pick(const PickRequest& /*request*/) {
  if (endpoints_.empty()) return std::nullopt;
  const EndpointId chosen = queues_[fewest_].head;
  change(chosen, entries_[chosen].connections + 1);
  return chosen;
}

void LeastConnections::release(EndpointId endpoint, TimeNs /*now*/, TimeNs /*response_time*/) {
  if (connections(endpoint) > 0) change(endpoint, entries_[endpoint].connections - 1);
}

void LeastConnections::forget(EndpointId endpoint) {
  if (endpoint >= entries_.size()) return;
  change(endpoint, 0);
  if (!endpoints_.empty()) find_fewest();
}

std::uint32_t LeastConnections::connections(EndpointId endpoint) const {
  return endpoint < entries_.size() ? entries_[endpoint].connections : 0;
}

void LeastConnections::change(EndpointId endpoint, std::uint32_t connections) {
  Entry& entry = entries_[endpoint];
  if (!entry.active) {
    entry.connections = connections;
    return;
  }
  const std::size_t left = entry.connections;
  unlink(endpoint);
  entry.connections = connections;
  append(endpoint);
  if (connections < fewest_) {
    fewest_ = connections;
  } else if (left == fewest_ && queues_[left].head == kNone) {
    ++fewest_;  // by one: the endpoint that emptied the queue is in the next one now
  }
}

void LeastConnections::append(EndpointId endpoint) {
  Entry& entry = entries_[endpoint];
  if (entry.connections >= queues_.size()) queues_.resize(entry.connections + std::size_t{1});
  Queue& queue = queues_[entry.connections];
  entry.active = true;
  entry.previous = queue.tail;
  entry.next = kNone;
  (queue.tail == kNone ? queue.head : entries_[queue.tail].next) = endpoint;
  queue.tail = endpoint;
}

void LeastConnections::unlink(EndpointId endpoint) {
  Entry& entry = entries_[endpoint];
  Queue& queue = queues_[entry.connections];
  (entry.previous == kNone ? queue.head : entries_[entry.previous].next) = entry.next;
  (entry.next == kNone ? queue.tail : entries_[entry.next].previous) = entry.previous;
  entry.active = false;
}

void LeastConnections::find_fewest() {
  fewest_ = 0;
  if (endpoints_.empty()) return;
  while (queues_[fewest_].head == kNone) ++fewest_;
}

std::unique_ptr<Balancer> make_least_connections(const ClusterSettings& /*settings*/,
                                                 RandomStreams /*streams*/) {
  return std::make_unique<LeastConnections>();
}

}  // namespace wsfleet
