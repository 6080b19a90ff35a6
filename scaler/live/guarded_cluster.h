// SPDX-License-Identifier: Apache-2.0
#pragma once
// The cluster as the control loop may use it: reads pass, writes only as far as the tick's hold and
// leadership permit. A write that is held back succeeds without being done, since it is no fault of
// the cluster; who records it is told by last_scaling(). One caller at a time.

#include <functional>
#include <optional>
#include <string>

#include "core/seam.h"
#include "scaler/live/hold.h"

namespace wsfleet {

class GuardedCluster : public Cluster {
 public:
  struct Scaling {
    int from = 0;
    int to = 0;
    bool done = false;  // false: held back
  };

  /// `cluster` outlives it. `may_act` is asked before each write: leadership, as of now.
  GuardedCluster(Cluster& cluster, bool dry_run, std::function<bool()> may_act);

  Result<ClusterState> state() override;
  Result<void> set_replicas(int replicas) override;
  Result<void> drain(const std::string& uid) override;
  Result<void> shed(const std::string& uid, double share) override;
  Result<void> set_deletion_cost(const std::string& uid, int cost) override;

  /// For the writes until the next one.
  void arm(Permit permit) { permit_ = permit; }
  /// Of the last set_replicas() that succeeded.
  const std::optional<Scaling>& last_scaling() const { return last_scaling_; }

 private:
  Result<bool> permitted(bool adds_pods) const;

  Cluster& cluster_;
  const bool dry_run_;
  const std::function<bool()> may_act_;
  Permit permit_ = Permit::nothing;
  int replicas_ = 0;  // as last read
  std::optional<Scaling> last_scaling_;
};

}  // namespace wsfleet
