// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a load run takes from a scenario: its top level, `[workload]`, and from `[server]` the mode.
// All else belongs to other folders; it is neither read nor called unknown. Pure but for the files
// that it reads.

#include <string>
#include <vector>

#include "core/time.h"
#include "core/toml/diagnostics.h"
#include "core/toml/toml_reader.h"
#include "loadgen/workload.h"

namespace wsfleet {

struct ScenarioWorkload {
  std::string name;
  TimeNs duration = 0;
  TimeNs warmup = 0;
  std::uint64_t seed = 1;
  bool start_steady = false;
  WorkloadSettings workload;
  bool broadcast = false;               // [server] mode: what is said goes to the whole room
  std::vector<Diagnostic> diagnostics;  // not empty: use none of the above
};

/// `sets`: "path=value" overrides.
ScenarioWorkload read_scenario_workload(const std::string& path,
                                        const std::vector<std::string>& sets);
ScenarioWorkload read_scenario_workload(TomlDocument document,
                                        const std::vector<std::string>& sets);

}  // namespace wsfleet
