// SPDX-License-Identifier: Apache-2.0
#pragma once
// One planned run on a Kubernetes cluster, end to end. It takes as long as the scenario lasts, and
// a minute or two before it to get ready.

#include "cluster/kubernetes/experiment/experiment.h"
#include "engine/plan.h"
#include "results/finish_run.h"

namespace wsfleet {

/// As local_run(); the policy decides in the cluster, in wsfleet-scaler.
Result<RunSummary> kubernetes_run(const PlannedRun& run, const ExperimentTarget& target,
                                  RunRecorder& recorder, const LiveProgress& progress);

}  // namespace wsfleet
