// SPDX-License-Identifier: Apache-2.0
#include "scaler/policies/hpa_calculator.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace wsfleet {
namespace {

// The pods as groupPods sorts them. For a Pods metric readiness does not count: a Running pod with
// a sample is measured, ready or not.
struct PodGroups {
  std::int64_t measured = 0;     // Running, with a sample
  std::int64_t missing = 0;      // Running, without one
  std::int64_t unready = 0;      // Pending
  std::int64_t milli_total = 0;  // of the measured ones
};

std::int64_t to_milli(double value) {
  return static_cast<std::int64_t>(std::llround(std::clamp(value, -1e12, 1e12) * 1000.0));
}

PodGroups group(const Observation& observation) {
  PodGroups groups;
  for (const PodObservation& pod : observation.pods) {
    if (pod.terminating || pod.phase == PodPhase::failed) continue;  // dropped, sample and all
    if (pod.phase == PodPhase::pending) {
      ++groups.unready;
    } else if (!pod.connections) {
      ++groups.missing;
    } else {
      ++groups.measured;
      groups.milli_total += to_milli(*pod.connections);
    }
  }
  return groups;
}

// GetMetricUsageRatio: the mean is cut to whole thousandths.
double usage_ratio(std::int64_t milli_total, std::int64_t count, std::int64_t milli_target) {
  return static_cast<double>(milli_total / count) / static_cast<double>(milli_target);
}

bool within(const HpaTarget& target, double ratio) {
  return 1.0 - target.tolerance_down <= ratio && ratio <= 1.0 + target.tolerance_up;
}

int ceil_to_int(double value) {
  constexpr double kMost = std::numeric_limits<std::int32_t>::max();
  return static_cast<int>(std::min(std::ceil(value), kMost));
}

std::string describe(const PodGroups& groups, const HpaTarget& target) {
  const double mean = static_cast<double>(groups.milli_total / groups.measured) / 1000.0;
  const double wanted = static_cast<double>(target.milli_connections) / 1000.0;
  const char* relation = mean > wanted ? "over" : mean < wanted ? "under" : "at";
  std::string text = fmt::format("{:.1f} per pod is {} the target of {:g}", mean, relation, wanted);
  if (groups.missing > 0) text += fmt::format(", {} without sample", groups.missing);
  if (groups.unready > 0) text += fmt::format(", {} pending", groups.unready);
  return text;
}

HpaProposal keep(int current, std::string reason) { return {current, std::move(reason)}; }

// Pods without a sample and, on the way up, pending ones are taken at a cautious value; when that
// turns the direction round, nothing changes.
HpaProposal propose_with_gaps(const PodGroups& groups, const HpaTarget& target, double ratio,
                              int current) {
  const std::string facts = describe(groups, target);
  std::int64_t total = groups.milli_total;
  std::int64_t count = groups.measured;
  // At exactly the target the releases since 1.28 fill in nothing; older ones took missing pods as
  // 0 there and could shrink the fleet on it.
  if (ratio < 1.0) {
    total += groups.missing * target.milli_connections;
    count += groups.missing;
  } else if (ratio > 1.0) {
    count += groups.missing + groups.unready;
  }
  const double refilled = usage_ratio(total, count, target.milli_connections);
  const std::string filled =
      fmt::format("{}; with those filled in the ratio is {:.3f}", facts, refilled);
  if (within(target, refilled)) return keep(current, filled + ", within tolerance");
  if ((ratio < 1.0 && refilled > 1.0) || (ratio > 1.0 && refilled < 1.0)) {
    return keep(current, filled + ", on the other side of the target");
  }
  const int proposed = ceil_to_int(refilled * static_cast<double>(count));
  if ((refilled < 1.0 && proposed > current) || (refilled > 1.0 && proposed < current)) {
    return keep(current, fmt::format("{}, but {} pods would go the other way", filled, proposed));
  }
  return {proposed, filled};
}

}  // namespace

HpaProposal propose_replicas(const Observation& observation, const HpaTarget& target) {
  if (observation.metrics == MetricsStatus::error) {
    return {std::nullopt, "the metrics could not be read: no change"};
  }
  if (observation.metrics == MetricsStatus::empty) {
    return {std::nullopt, "the metrics have no sample at all: no change"};
  }
  if (observation.pods.empty()) return {std::nullopt, "there are no pods: no change"};
  const PodGroups groups = group(observation);
  if (groups.measured == 0) {
    return {std::nullopt, "no running pod has a sample: no change"};
  }
  const double ratio = usage_ratio(groups.milli_total, groups.measured, target.milli_connections);
  const bool gaps = groups.missing > 0 || (groups.unready > 0 && ratio > 1.0);
  if (gaps) return propose_with_gaps(groups, target, ratio, observation.replicas);
  const std::string facts = describe(groups, target);
  if (within(target, ratio)) return keep(observation.replicas, facts + ", within tolerance");
  return {ceil_to_int(ratio * static_cast<double>(groups.measured)), facts};
}

}  // namespace wsfleet
