// SPDX-License-Identifier: Apache-2.0
#pragma once
// The cluster as the scaler's control loop may write to it: leadership is asked for once more right
// before each write, and a dry run writes nothing. A refusal is an Error whose kind says which:
// `not_leading` or `dry_run`. What may be done of a decision is the loop's to say, by
// scaler/hold.h.

#include <functional>
#include <string>

#include "core/seam/seam.h"

namespace wsfleet {

class GuardedCluster : public Cluster {
 public:
  /// `cluster` outlives it. `leads`: as of now.
  GuardedCluster(Cluster& cluster, bool dry_run, std::function<bool()> leads);

  Result<ClusterState> state() override { return cluster_.state(); }
  Result<void> set_replicas(int replicas) override;
  Result<void> drain(const std::string& uid) override;
  Result<void> shed(const std::string& uid, double share) override;
  Result<void> set_deletion_cost(const std::string& uid, int cost) override;

 private:
  Result<void> may_write() const;

  Cluster& cluster_;
  const bool dry_run_;
  const std::function<bool()> leads_;
};

}  // namespace wsfleet
