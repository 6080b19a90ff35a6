// SPDX-License-Identifier: Apache-2.0
#pragma once
// The scenario's faults on a cluster, by its own API: pods are deleted without grace; Prometheus
// can't be reached while its Service selects nothing; Redis has no replicas. All of it is put back,
// at the fault's end or, where the harness is gone by then, by the next one's `--recover`.

#include <functional>
#include <string>
#include <vector>

#include "cluster/kubernetes/api/api_client.h"
#include "cluster/kubernetes/experiment/changes/cluster_changes.h"
#include "cluster/kubernetes/experiment/watch/pod_view.h"
#include "core/seam/seam.h"

namespace wsfleet {

/// What the faults work with; everything outlives them.
struct FaultParts {
  ApiClient& client;
  ClusterChanges& changes;
  Clock& clock;
  Tasks& tasks;
  Recorder& recorder;
  std::string name_space;
  std::string prometheus_service;  // in that namespace; "" when it is elsewhere
  std::uint64_t seed = 1;
  std::function<std::vector<PodView>()> serving;        // in order of creation
  std::function<void(const std::string& uid)> killing;  // told before a pod is killed
};

class ExperimentFaults : public Faults {
 public:
  explicit ExperimentFaults(FaultParts parts);
  Result<void> inject(const Fault& fault) override;

 private:
  Result<void> kill_pods(const Fault& fault);
  Result<void> for_a_while(const std::string& what, const std::string& path,
                           const std::string& pointer, const nlohmann::json& value, TimeNs duration,
                           const std::string& begin, const std::string& end);
  void event(const char* kind, std::string detail);

  FaultParts parts_;
};

}  // namespace wsfleet
