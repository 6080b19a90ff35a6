// SPDX-License-Identifier: Apache-2.0
#include "cluster/simulated/control/api.h"

namespace wsfleet {

bool SimulatedClock::sleep_until(TimeNs time) {
  if (plane_.ended()) return false;
  if (time > executor_.now()) executor_.wait_until(std::min(time, end_));
  return !plane_.ended() && time <= end_;
}

Result<void> SimulatedCluster::request(bool writes) {
  clock_.sleep_for(settings_.api_latency);
  const std::uint64_t number = requests_++;
  if (!plane_.api_up()) {
    return fail(ErrorKind::unavailable, "the API server can't be reached: connection refused");
  }
  if (settings_.api_error_rate > 0 && chance_.uniform(number, 0) < settings_.api_error_rate) {
    return fail(ErrorKind::unavailable, "the API server answered 500 Internal Server Error");
  }
  if (writes && settings_.api_conflict_rate > 0 &&
      chance_.uniform(number, 1) < settings_.api_conflict_rate) {
    return fail(ErrorKind::conflict,
                "the API server answered 409 Conflict: the object has changed");
  }
  return {};
}

Result<ClusterState> SimulatedCluster::state() {
  if (auto answered = request(false); !answered) return tl::unexpected(answered.error());
  return plane_.state();
}

Result<void> SimulatedCluster::set_replicas(int replicas) {
  if (auto answered = request(true); !answered) return answered;
  plane_.set_replicas(replicas);
  return {};
}

Result<void> SimulatedCluster::drain(const std::string& uid) {
  if (auto answered = request(true); !answered) return answered;
  return plane_.drain(uid);
}

Result<void> SimulatedCluster::shed(const std::string& uid, double share) {
  if (auto answered = request(true); !answered) return answered;
  return plane_.shed(uid, share);
}

Result<void> SimulatedCluster::set_deletion_cost(const std::string& uid, int cost) {
  if (auto answered = request(true); !answered) return answered;
  return plane_.set_deletion_cost(uid, cost);
}

Result<std::unordered_map<std::string, MetricSample>> SimulatedMetrics::connections() {
  clock_.sleep_for(latency_);
  if (!plane_.prometheus_up()) {
    return fail(ErrorKind::unavailable, "Prometheus can't be reached: connection refused");
  }
  return plane_.samples();
}

}  // namespace wsfleet
