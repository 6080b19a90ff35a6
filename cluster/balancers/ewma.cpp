// SPDX-License-Identifier: Apache-2.0
#include "cluster/balancers/ewma.h"

#include <algorithm>
#include <cmath>

#include "cluster/balancers/chance.h"
#include "cluster/balancers/endpoint_changes.h"

namespace wsfleet {
namespace {

constexpr double kDecayTime = 10.0;  // seconds

// What is left of a score `age` later.
double decay(TimeNs age) { return age > 0 ? std::exp(-to_seconds(age) / kDecayTime) : 1.0; }

}  // namespace

Ewma::Ewma(RandomStreams streams) : chance_(streams.stream(kBalancerStream)) {}

void Ewma::advance_to(TimeNs now) { now_ = std::max(now_, now); }

void Ewma::set_endpoints(const std::vector<EndpointId>& endpoints) {
  make_room_for(endpoints, entries_);
  const EndpointChanges changes = changes_between(endpoints_, endpoints);
  endpoints_ = endpoints;
  for (const EndpointId endpoint : changes.removed) entries_[endpoint] = {};
  if (!changes.added.empty()) start_slowly(changes.added);
}

// calculate_slow_start_ewma(): the mean of the scores as they were stored, not decayed, of those
// endpoints that have one. That may be one that left, had a connection end since, and is back.
void Ewma::start_slowly(const std::vector<EndpointId>& added) {
  double sum = 0;
  int count = 0;
  for (const EndpointId endpoint : endpoints_) {
    if (!entries_[endpoint].known) continue;
    sum += entries_[endpoint].stored_s;
    ++count;
  }
  if (count == 0) return;
  for (const EndpointId endpoint : added) {
    entries_[endpoint] = {.stored_s = sum / count, .touched = now_, .known = true};
  }
}

double Ewma::score(EndpointId endpoint, TimeNs now) const {
  const Entry& entry = entries_[endpoint];
  return entry.known ? entry.stored_s * decay(now - entry.touched) : 0.0;
}

std::optional<EndpointId> Ewma::pick(const PickRequest& request) {
  advance_to(request.now);
  if (endpoints_.empty()) return std::nullopt;
  if (endpoints_.size() == 1) return endpoints_.front();
  const auto [first, second] = random_pair(draw_for(chance_, request), endpoints_.size());
  const EndpointId a = endpoints_[first];
  const EndpointId b = endpoints_[second];
  return score(b, request.now) < score(a, request.now) ? b : a;
}

void Ewma::release(EndpointId endpoint, TimeNs now, TimeNs response_time) {
  advance_to(now);
  if (endpoint >= entries_.size()) return;
  Entry& entry = entries_[endpoint];
  const double kept = entry.known ? decay(now - entry.touched) : 0.0;
  entry.stored_s = entry.stored_s * kept + to_seconds(response_time) * (1.0 - kept);
  entry.touched = now;
  entry.known = true;
}

void Ewma::forget(EndpointId endpoint) {
  if (endpoint < entries_.size()) entries_[endpoint] = {};
}

std::unique_ptr<Balancer> make_ewma(const ClusterSettings& /*settings*/, RandomStreams streams) {
  return std::make_unique<Ewma>(streams);
}

}  // namespace wsfleet
