// SPDX-License-Identifier: Apache-2.0
// The table of balancers. A new one: its .h, .cpp and _test.cpp in this folder, its line here, its
// place in BalancerKind and its section in docs/balancers.md.
#include <algorithm>
#include <array>
#include <string_view>

#include "cluster/balancers/balancer.h"
#include "cluster/balancers/client_ip.h"
#include "cluster/balancers/consistent_hash.h"
#include "cluster/balancers/ewma.h"
#include "cluster/balancers/least_connections.h"
#include "cluster/balancers/power_of_two.h"
#include "cluster/balancers/random.h"
#include "cluster/balancers/round_robin.h"

namespace wsfleet {
namespace {

struct BalancerEntry {
  const char* name;
  BalancerKind kind;
  std::unique_ptr<Balancer> (*make)(const ClusterSettings&, RandomStreams);
};

constexpr std::array kBalancers{
    BalancerEntry{"client_ip", BalancerKind::client_ip, make_client_ip},
    BalancerEntry{"consistent_hash", BalancerKind::consistent_hash, make_consistent_hash},
    BalancerEntry{"ewma", BalancerKind::ewma, make_ewma},
    BalancerEntry{"least_connections", BalancerKind::least_connections, make_least_connections},
    BalancerEntry{"power_of_two", BalancerKind::power_of_two, make_power_of_two},
    BalancerEntry{"random", BalancerKind::random, make_random},
    BalancerEntry{"round_robin", BalancerKind::round_robin, make_round_robin},
};

static_assert(std::is_sorted(kBalancers.begin(), kBalancers.end(),
                             [](const BalancerEntry& a, const BalancerEntry& b) {
                               return std::string_view(a.name) < std::string_view(b.name);
                             }));

}  // namespace

std::unique_ptr<Balancer> make_balancer(const ClusterSettings& settings, RandomStreams streams) {
  for (const BalancerEntry& entry : kBalancers) {
    if (entry.kind == settings.balancer) return entry.make(settings, streams);
  }
  return nullptr;  // balancers_test.cpp makes every kind
}

std::vector<std::pair<const char*, BalancerKind>> balancer_names() {
  std::vector<std::pair<const char*, BalancerKind>> names;
  for (const BalancerEntry& entry : kBalancers) names.emplace_back(entry.name, entry.kind);
  return names;
}

const char* balancer_name(BalancerKind kind) {
  for (const auto& [name, known] : balancer_names()) {
    if (known == kind) return name;
  }
  return "";
}

}  // namespace wsfleet
