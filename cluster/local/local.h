// SPDX-License-Identifier: Apache-2.0
#pragma once
// The live world on one machine: pods are wsfleet-server processes on 127.0.0.x, clients are
// wsfleet-loadgen processes, ingress, Prometheus and Redis are Debian's. One run at a time per
// process. What is started is gone when the run is over, also when this process is killed
// (janitor.h). docs/formats/local.md says what is where.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "cluster/settings.h"
#include "core/demand.h"
#include "core/result.h"
#include "core/seam.h"
#include "loadgen/workload.h"
#include "server/settings.h"

namespace wsfleet {

struct LocalSettings {
  std::uint64_t seed = 1;
  TimeNs duration = kHour;  // whole seconds
  TimeNs warmup = 0;
  bool start_steady = false;
  int initial_replicas = 1;
  WorkloadSettings workload;
  ServerSettings server;
  ClusterSettings cluster;
  MetricsSettings metrics;
  Objective objective;

  std::string scenario_text;       // for the load generators: TOML, overrides applied
  std::string trace_file;          // of a trace workload, absolute; "" otherwise
  std::string logs;                // where logs are to stay; "" drops them
  std::string programs_directory;  // of the project's own; "": beside the running one
};

/// How the run stands, once a second, for people.
struct LocalStatus {
  TimeNs now = 0;
  int replicas = 0;
  int ready = 0;
  std::int64_t connections = 0;
  std::int64_t refused = 0;  // by pods so far
};
using LocalProgress = std::function<void(const LocalStatus&)>;

/// Called with the world at t = 0, when the initial pods are ready; returns soon after its clock
/// says that the run is over. On a thread of its own.
using LocalBody = std::function<void(World&)>;

/// ErrorKind::stopped when the user stopped it: what was recorded until then is with the recorder.
Result<void> run_on_this_machine(const LocalSettings& settings, Recorder& recorder,
                                 const LocalBody& body, const LocalProgress& progress);

}  // namespace wsfleet
