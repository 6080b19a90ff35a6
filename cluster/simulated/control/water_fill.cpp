// SPDX-License-Identifier: Apache-2.0
// Source of the closed form: Kelly, "Charging and rate control for elastic traffic" (1997), for
// weighted max-min fairness; here with one resource and an upper bound per claim.
#include <algorithm>
#include <numeric>

#include "cluster/simulated/control/resources.h"

namespace wsfleet {

std::vector<double> water_fill(double cores, const std::vector<CpuClaim>& claims) {
  std::vector<double> shares(claims.size(), 0.0);
  std::vector<std::size_t> order;
  double weight_left = 0;
  for (std::size_t i = 0; i < claims.size(); ++i) {
    if (claims[i].bound <= 0 || claims[i].weight <= 0) continue;
    order.push_back(i);
    weight_left += claims[i].weight;
  }
  // Those that are satisfied at the lowest water level come first.
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return claims[a].bound * claims[b].weight < claims[b].bound * claims[a].weight;
  });
  double cores_left = cores;
  for (const std::size_t i : order) {
    const double fair = cores_left * claims[i].weight / weight_left;
    shares[i] = std::min(claims[i].bound, fair);
    cores_left -= shares[i];
    weight_left -= claims[i].weight;
  }
  return shares;
}

}  // namespace wsfleet
