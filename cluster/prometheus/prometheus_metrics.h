// SPDX-License-Identifier: Apache-2.0
#pragma once
// The scaler's eyes in the live backends: open connections per pod, read from a Prometheus by one
// instant query (docs/formats/prometheus.md). Each call is a request of its own and blocks for
// `deadline` at most. One thread at a time.

#include <cstdint>
#include <string>
#include <vector>

#include "core/seam/seam.h"
#include "core/time.h"

namespace wsfleet {

struct PrometheusSettings {
  std::string address = "127.0.0.1";  // numeric, or a name
  std::uint16_t port = 9090;
  std::string selector = "wsfleet_connections";  // PromQL, one series per pod
  std::string uid_label = "uid";
  TimeNs lookback = kSampleLookback;  // older samples are none
  TimeNs deadline = 2 * kSecond;
};

class PrometheusMetrics : public Metrics {
 public:
  explicit PrometheusMetrics(PrometheusSettings settings);

  Result<std::unordered_map<std::string, MetricSample>> connections() override;

  /// What the last answer had that was no sample, and why; also logged when it changes.
  const std::vector<std::string>& left_out() const { return left_out_; }

 private:
  const PrometheusSettings settings_;
  const std::string target_;
  std::vector<std::string> left_out_;
};

}  // namespace wsfleet
