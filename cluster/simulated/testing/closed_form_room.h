// SPDX-License-Identifier: Apache-2.0
#pragma once
// The machine room in closed form, for tests that must not depend on SimGrid's solver: CPU shares
// by water-fill, image pulls at the node's full bandwidth.

#include <unordered_map>
#include <vector>

#include "cluster/simulated/control/executor.h"
#include "cluster/simulated/control/resources.h"

namespace wsfleet {

class ClosedFormRoom : public CpuShares, public ImagePulls {
 public:
  ClosedFormRoom(const Executor& executor, const ClusterSettings& settings)
      : executor_(executor),
        cores_(settings.nodes.cores),
        bytes_per_second_(settings.network.node_bytes_per_second) {}

  void set_claims(int node, const std::vector<CpuClaim>& claims) override {
    claims_[node] = claims;
  }
  std::vector<double> usage(int node) override { return water_fill(cores_, claims_[node]); }
  void pull(int, std::int64_t bytes, std::function<void(TimeNs)> done) override {
    done(executor_.now() + from_seconds_rounded(static_cast<double>(bytes) / bytes_per_second_));
  }

 private:
  const Executor& executor_;
  double cores_;
  double bytes_per_second_;
  std::unordered_map<int, std::vector<CpuClaim>> claims_;
};

}  // namespace wsfleet
