// SPDX-License-Identifier: Apache-2.0
#pragma once
// A scenario as values: each folder reads its own section, this puts them together, adds the top
// level's keys and checks what only several sections together can get wrong. Plain data; loading
// reads files and nothing else.

#include <cstdint>
#include <string>
#include <vector>

#include "cluster/run_description.h"
#include "cluster/settings.h"
#include "core/seam/demand.h"
#include "core/seam/fault.h"
#include "core/toml/toml_reader.h"
#include "loadgen/workload.h"
#include "results/summary/expectations.h"
#include "scaler/policies/policy.h"
#include "scaler/settings.h"
#include "server/settings.h"

namespace wsfleet {

struct Scenario {
  std::string path;  // as the user named it
  std::string name;
  std::string description;
  TimeNs duration = kHour;  // whole seconds
  TimeNs warmup = 0;
  std::uint64_t seed = 1;
  bool start_steady = false;

  WorkloadSettings workload;
  ServerSettings server;
  ClusterSettings cluster;
  MetricsSettings metrics;
  Objective objective;
  ScalerSettings scaler;
  std::vector<Fault> faults;
  std::vector<Expectation> expectations;

  TomlDocument document;  // for the [policy.<name>] tables, which each policy reads itself
};

/// What is not wrong but probably not meant; sentences that name the remedy.
using Warnings = std::vector<std::string>;

/// Everything that was found wrong; the scenario must not be used when that is not empty.
struct ScenarioLoad {
  Scenario scenario;
  std::vector<Diagnostic> diagnostics;
  Warnings warnings;

  bool ok() const { return diagnostics.empty(); }
};

/// `sets` are overrides `path=value`, applied in order.
ScenarioLoad load_scenario(const std::string& path, const std::vector<std::string>& sets);
ScenarioLoad load_scenario(TomlDocument document, const std::vector<std::string>& sets);

/// What a policy of this scenario is told when it is made; `demand` may be null.
PolicyContext policy_context(const Scenario& scenario, const std::vector<int>* demand);

/// A run of it, as every world is told.
RunDescription run_description(const Scenario& scenario, std::uint64_t seed);

}  // namespace wsfleet
