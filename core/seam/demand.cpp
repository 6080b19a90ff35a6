// SPDX-License-Identifier: Apache-2.0
#include "core/seam/demand.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace wsfleet {

int demand(const Objective& objective, double offered_sessions, double cpu_cores) {
  const double by_sessions = std::ceil(offered_sessions / objective.connections_per_pod);
  const double by_cpu =
      objective.cores_per_pod > 0 ? std::ceil(cpu_cores / objective.cores_per_pod) : 0.0;
  constexpr double kMost = std::numeric_limits<int>::max();
  return std::max(objective.min_replicas,
                  static_cast<int>(std::min(kMost, std::max(by_sessions, by_cpu))));
}

}  // namespace wsfleet
