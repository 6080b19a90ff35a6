// SPDX-License-Identifier: Apache-2.0
#include "cluster/balancers/client_ip.h"

#include "cluster/balancers/chance.h"
#include "cluster/balancers/endpoint_changes.h"

namespace wsfleet {
namespace {

constexpr std::size_t kSmallestTable = 1024;

// The finaliser of splitmix64: neighbouring addresses must not share a neighbourhood in the table.
std::size_t scatter(std::uint64_t source) {
  source = (source ^ (source >> 30)) * 0xbf58476d1ce4e5b9ULL;
  source = (source ^ (source >> 27)) * 0x94d049bb133111ebULL;
  return static_cast<std::size_t>(source ^ (source >> 31));
}

}  // namespace

ClientIp::ClientIp(TimeNs timeout, RandomStreams streams)
    : timeout_(timeout), chance_(streams.stream(kBalancerStream)), table_(kSmallestTable) {}

void ClientIp::set_endpoints(const std::vector<EndpointId>& endpoints) {
  make_room_for(endpoints, stays_);
  const EndpointChanges changes = changes_between(endpoints_, endpoints);
  for (const EndpointId endpoint : changes.removed) ++stays_[endpoint];
  for (const EndpointId endpoint : changes.added) ++stays_[endpoint];
  endpoints_ = endpoints;
}

std::optional<EndpointId> ClientIp::pick(const PickRequest& request) {
  if (endpoints_.empty()) return std::nullopt;
  Affinity* affinity = &find(request.source);
  if (!holds(*affinity, request.now)) {
    if (affinity->stay == kFree && 2 * (used_ + 1) > table_.size()) {
      make_room(request.now);
      affinity = &find(request.source);
    }
    if (affinity->stay == kFree) ++used_;
    affinity->source = request.source;
    affinity->endpoint = endpoints_[random_index(draw_for(chance_, request), endpoints_.size())];
    affinity->stay = stays_[affinity->endpoint];
  }
  affinity->last = request.now;
  return affinity->endpoint;
}

bool ClientIp::holds(const Affinity& affinity, TimeNs now) const {
  return affinity.stay != kFree && affinity.stay == stays_[affinity.endpoint] &&
         now - affinity.last <= timeout_;
}

ClientIp::Affinity& ClientIp::find(std::uint64_t source) {
  const std::size_t mask = table_.size() - 1;
  std::size_t at = scatter(source) & mask;
  while (table_[at].stay != kFree && table_[at].source != source) at = (at + 1) & mask;
  return table_[at];
}

// Rebuilds the table with what still holds, at most a quarter full.
void ClientIp::make_room(TimeNs now) {
  std::vector<Affinity> held;
  for (const Affinity& affinity : table_) {
    if (holds(affinity, now)) held.push_back(affinity);
  }
  std::size_t size = kSmallestTable;
  while (size < 4 * held.size()) size *= 2;
  table_.assign(size, Affinity{});
  for (const Affinity& affinity : held) find(affinity.source) = affinity;
  used_ = held.size();
}

std::unique_ptr<Balancer> make_client_ip(const ClusterSettings& settings, RandomStreams streams) {
  return std::make_unique<ClientIp>(settings.affinity_timeout, streams);
}

}  // namespace wsfleet
