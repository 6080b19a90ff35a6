// SPDX-License-Identifier: Apache-2.0
#pragma once
// One planned run for real, end to end: on the processes of this machine or on a Kubernetes
// cluster. It takes as long as the scenario lasts, on a cluster a minute or two more to get ready.

#include <string>

#include "cluster/kubernetes/experiment/experiment.h"
#include "cluster/live/live_settings.h"
#include "engine/experiment/plan.h"
#include "results/summary/finish_run.h"

namespace wsfleet {

/// As run_in_world(); logs of pods, services and clients come to logs/ in the run's directory.
Result<RunSummary> local_run(const PlannedRun& run, RunRecorder& recorder,
                             const LiveProgress& progress);

/// The same; the policy decides in the cluster, in wsfleet-scaler.
Result<RunSummary> kubernetes_run(const PlannedRun& run, const ExperimentTarget& target,
                                  RunRecorder& recorder, const LiveProgress& progress);

/// `logs`: the directory where logs are to stay. Pure.
LiveSettings live_settings(const PlannedRun& run, const std::string& logs);

}  // namespace wsfleet
