// SPDX-License-Identifier: Apache-2.0
#pragma once
// The live world on a Kubernetes cluster: what the manifests deploy is given the scenario's
// settings, load generators run here or as a Job's pods, and wsfleet-scaler in the cluster scales;
// what it decides and tells is read from its log, the fleet from the API, sockets and CPU from
// Prometheus. At the end, also after Ctrl-C, the cluster is as it was. docs/formats/kubernetes.md.

#include <string>

#include "cluster/live/live_settings.h"
#include "core/result.h"
#include "core/seam/seam.h"

namespace wsfleet {

/// Which cluster, and where its parts are. Context and namespace have no defaults: nothing is
/// touched that was not named.
struct ExperimentTarget {
  std::string kubeconfig;  // "": KUBECONFIG or ~/.kube/config
  std::string context;
  std::string name_space;
  std::string url;    // where clients connect; "": the Ingress' address
  std::string host;   // with `url`: the Host header that its ingress wants; "": the URL's
  int load_pods = 0;  // of a Job; 0: load generators on this machine
  std::string load_image = "localhost/wsfleet-loadgen:dev";
  std::string prometheus = "prometheus:9090";  // [namespace/]service:port
  bool recover = false;                        // put back first what a killed experiment changed
};

/// Calls `body` at t = 0 on a thread of its own, with a world whose scaler is remote: the one in
/// the cluster, which reads `settings.scaler_scenario` and uses the policy that is named there.
/// ErrorKind::stopped when the user stopped it: what was recorded until then is with the recorder.
Result<void> run_on_kubernetes(const LiveSettings& settings, const ExperimentTarget& target,
                               Recorder& recorder, const WorldBody& body,
                               const LiveProgress& progress);

}  // namespace wsfleet
