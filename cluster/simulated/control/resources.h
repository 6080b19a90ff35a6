// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the control plane asks of the machine room: CPU shares under contention and image pulls that
// share the registry's uplink. SimGrid provides both in a run; the executor-equivalence test takes
// them from closed forms.

#include <cstdint>
#include <functional>
#include <vector>

#include "core/time.h"

namespace wsfleet {

/// One pod's claim on its node: what it asks for, its weight and what it gets, in cores.
struct CpuClaim {
  std::uint32_t pod = 0;  // slot
  double weight = 0;      // the CPU request
  double bound = 0;       // min(limit, demand)
};

class CpuShares {
 public:
  virtual ~CpuShares() = default;
  /// Replaces the claims on a node. A claim with bound 0 takes part in nothing.
  virtual void set_claims(int node, const std::vector<CpuClaim>& claims) = 0;
  /// What each claim (in the order of set_claims) has been getting since then, in cores.
  virtual std::vector<double> usage(int node) = 0;
};

class ImagePulls {
 public:
  virtual ~ImagePulls() = default;
  /// Calls `done`, now or later, with the time at which the last byte arrives.
  virtual void pull(int node, std::int64_t bytes, std::function<void(TimeNs)> done) = 0;
};

/// Weighted max-min shares with bounds ("water-fill"): raise everybody's share in proportion to
/// weight until it is bounded or the node is full. `shares[i]` answers `claims[i]`; O(n log n).
/// What SimGrid's solver computes for one node, in closed form.
std::vector<double> water_fill(double cores, const std::vector<CpuClaim>& claims);

}  // namespace wsfleet
