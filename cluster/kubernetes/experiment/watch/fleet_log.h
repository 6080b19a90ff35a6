// SPDX-License-Identifier: Apache-2.0
#pragma once
// What became of a cluster's pods during an experiment: from their objects, as they change, to the
// events of a run and the levels of each second. Pure: the caller says what time it is. Not
// thread-safe.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cluster/kubernetes/experiment/watch/pod_view.h"
#include "cluster/live/fleet_second.h"
#include "cluster/second_meter.h"
#include "core/seam/run_record.h"
#include "core/time.h"

namespace wsfleet {

class FleetLog {
 public:
  /// The events that the change means; none for what is already known.
  std::vector<FleetEvent> pod_changed(TimeNs now, const PodView& pod, bool gone);
  std::vector<FleetEvent> replicas_changed(TimeNs now, int replicas);
  /// Its end is a fault's from now on, not the scaling's.
  void killed_by_fault(const std::string& uid);

  /// The levels at `now`, the end of a second that began at the call before.
  FleetSecond end_second(TimeNs now);
  int replicas() const { return replicas_; }
  /// Pods that serve, in order of creation: what a fault may hit.
  std::vector<PodView> serving() const;

  /// A pod that scaling has ended: how many sockets it had left is known from its metrics.
  struct ScaledDown {
    std::string uid;
    TimeNs at = 0;
  };
  const std::vector<ScaledDown>& scaled_down() const { return scaled_down_; }

 private:
  struct Pod {
    PodView view;
    bool known = false;
    bool by_fault = false;
    bool was_ready = false;
    TimeNs scheduled = 0;
  };
  void end_pod(TimeNs now, const Pod& pod, std::vector<FleetEvent>& events);

  std::map<std::string, Pod> pods_;  // by uid
  std::vector<ScaledDown> scaled_down_;
  int replicas_ = 0;
  PodTime pod_time_;
  std::shared_ptr<const std::vector<std::string>> supply_;  // of the second before
};

}  // namespace wsfleet
