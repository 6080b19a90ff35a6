// SPDX-License-Identifier: Apache-2.0
#pragma once
// The clients of an experiment: wsfleet-loadgen processes on this machine, or a Job's pods in the
// cluster. Both take their shares of the same sessions and start together at t = 0. Used on one
// thread.

#include <memory>
#include <string>

#include "cluster/kubernetes/api/api_client.h"
#include "cluster/kubernetes/experiment/changes/deployment.h"
#include "cluster/kubernetes/experiment/experiment.h"
#include "cluster/live/live_settings.h"
#include "core/result.h"
#include "loadgen/live/figures/load_report.h"

namespace wsfleet {

/// t = 0 on both of the machine's clocks.
struct RunEpoch {
  TimeNs monotonic = 0;
  TimeNs since_1970 = 0;
};

class ExperimentLoad {
 public:
  virtual ~ExperimentLoad() = default;
  /// What takes time before t = 0: pods that have to start. Returns early when the user stops.
  virtual Result<void> prepare() = 0;
  virtual Result<void> start(const RunEpoch& epoch) = 0;
  /// An error when a load generator ended before its time, with the end of its log.
  virtual Result<void> check() = 0;
  virtual bool ended() = 0;
  virtual void stop() = 0;
  /// Merged figures of all; after ended().
  virtual Result<LoadReport> report() = 0;
  virtual int processes() const = 0;
  /// Nothing of them is left in the cluster afterwards.
  virtual Result<void> finish() = 0;
};

/// Where its parts are and what it needs; everything outlives the load.
struct LoadPlan {
  const LiveSettings& settings;
  const ExperimentTarget& target;
  ApiClient& client;
  Entrance entrance;
  std::string scratch;            // directory
  std::string logs;               // directory
  pid_t group = 0;                // for processes
  std::int64_t sessions_max = 0;  // that want to be connected at a time
};

/// Processes with load_pods = 0, else a Job.
std::unique_ptr<ExperimentLoad> make_load(LoadPlan plan);

}  // namespace wsfleet
