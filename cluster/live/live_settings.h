// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a live run is told beside its description, whatever its backend: what load generators and
// people get to see of it. Plain values.

#include <cstdint>
#include <functional>
#include <string>

#include "cluster/run_description.h"

namespace wsfleet {

struct LiveSettings : RunDescription {
  std::string scenario_text;       // for the load generators: TOML, overrides applied
  std::string scaler_scenario;     // for a scaler in the cluster: with the policy of this run
  std::string trace_file;          // of a trace workload, absolute; "" otherwise
  std::string logs;                // where logs are to stay; "" drops them
  std::string programs_directory;  // of the project's own; "": beside the running one
};

/// What people see of the traffic so far.
struct LiveTraffic {
  std::int64_t connections = 0;
  std::int64_t refused = 0;  // by pods
};

/// How the run stands, once a second, for people.
struct LiveStatus {
  TimeNs now = 0;
  int replicas = 0;
  int ready = 0;
  std::int64_t connections = 0;
  std::int64_t refused = 0;  // by pods so far
};
using LiveProgress = std::function<void(const LiveStatus&)>;

}  // namespace wsfleet
