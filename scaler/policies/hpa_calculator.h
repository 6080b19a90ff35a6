// SPDX-License-Identifier: Apache-2.0
#pragma once
// How many replicas a Pods metric with an AverageValue target proposes, as Kubernetes' HPA counts
// (pkg/controller/podautoscaler/replica_calculator.go: calcPlainMetricReplicas, groupPods; the
// behaviour of the releases since 1.28). Values are whole thousandths there and here, so that the
// same roundings come out. Pure.

#include <cstdint>
#include <optional>
#include <string>

#include "core/seam/observation.h"

namespace wsfleet {

struct HpaTarget {
  std::int64_t milli_connections = 0;  // per pod, in thousandths; over 0
  double tolerance_up = 0.1;           // a mean of up to (1 + this) * target changes nothing
  double tolerance_down = 0.1;         // nor does one from (1 - this) * target on
};

struct HpaProposal {
  std::optional<int> replicas;  // absent where Kubernetes reports an error: no change
  std::string reason;           // what it is based on, in words
};

/// Not stabilised and not bounded by minimum and maximum.
HpaProposal propose_replicas(const Observation& observation, const HpaTarget& target);

}  // namespace wsfleet
