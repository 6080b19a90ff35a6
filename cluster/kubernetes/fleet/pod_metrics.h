// SPDX-License-Identifier: Apache-2.0
#pragma once
// The scaler's eyes without a Prometheus: open connections asked for at the pods themselves, all at
// once, by GET /metrics of those that run. Each call is a scrape: a pod that does not answer it has
// no sample, as after Prometheus' failed one. One caller at a time.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cluster/kubernetes/fleet/fleet_pod.h"
#include "core/seam/seam.h"

namespace wsfleet {

struct PodMetricsSettings {
  std::string gauge = "wsfleet_connections";
  TimeNs deadline = 2 * kSecond;  // of all answers together
};

class PodMetrics : public Metrics {
 public:
  /// `pods`: whom to ask, as of the moment.
  PodMetrics(PodMetricsSettings settings, std::function<std::vector<FleetPod>()> pods);

  /// `unavailable` when pods run and not one of them answered.
  Result<std::unordered_map<std::string, MetricSample>> connections() override;

 private:
  const PodMetricsSettings settings_;
  const std::function<std::vector<FleetPod>()> pods_;
};

/// The value of a gauge without labels, or the sum over its series, in Prometheus' text format;
/// nothing where there is none or it is no finite number from 0 on.
std::optional<double> gauge_in(std::string_view text, std::string_view name);

}  // namespace wsfleet
