// SPDX-License-Identifier: Apache-2.0
#pragma once
// Watches the workload and its pods during an experiment: events go to the recorder, levels are
// asked for second by second. Thread-safe.

#include <memory>
#include <string>
#include <vector>

#include "cluster/kubernetes/api/api_client.h"
#include "cluster/kubernetes/experiment/watch/fleet_log.h"
#include "core/seam/seam.h"

namespace wsfleet {

class FleetWatch {
 public:
  /// `client`, `recorder` and `clock` outlive it. Nothing is recorded before begin().
  FleetWatch(ApiClient& client, const std::string& name_space, Clock& clock, Recorder& recorder);
  ~FleetWatch();

  /// False when the API did not answer within `timeout`.
  bool wait_listed(TimeNs timeout);
  /// From now on changes are events of the run.
  void begin();
  void end();

  FleetSecond end_second(TimeNs now);
  int replicas() const;
  std::vector<PodView> serving() const;
  void killed_by_fault(const std::string& uid);
  std::vector<FleetLog::ScaledDown> scaled_down() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace wsfleet
