// SPDX-License-Identifier: Apache-2.0
#pragma once
// SimGrid behind the simulator's interfaces: tasks are actors, nodes are hosts of one aggregate
// core, CPU claims are executions with a priority and a bound, image pulls are flows from the
// registry that share its uplink. The only files that include SimGrid are simgrid_*.cpp. One object
// per process, ever.

#include <memory>

#include "cluster/settings.h"
#include "cluster/simulated/control/executor.h"
#include "cluster/simulated/control/resources.h"

namespace wsfleet {

class SimgridWorld {
 public:
  explicit SimgridWorld(const ClusterSettings& settings);
  ~SimgridWorld();
  SimgridWorld(const SimgridWorld&) = delete;
  SimgridWorld& operator=(const SimgridWorld&) = delete;

  Executor& executor();
  CpuShares& shares();
  ImagePulls& pulls();
  /// Seconds that one byte takes from the registry to a node of the idle platform, by SimGrid.
  double route_latency_s(int node) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace wsfleet
