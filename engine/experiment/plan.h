// SPDX-License-Identifier: Apache-2.0
#pragma once
// From a command line to a list of runs: scenarios x variants x policies x seeds, everything loaded
// and checked before the first one starts. Reads files only.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/scenario/policy_choice.h"
#include "engine/scenario/scenario.h"

namespace wsfleet {

/// One run to come. Immutable and cheap to copy.
struct PlannedRun {
  std::shared_ptr<const Scenario> scenario;  // with the backend's own `run_by` where it names none
  std::string scenario_label;                // its name, with the variant's settings in a sweep
  PolicyChoice policy;
  std::uint64_t seed = 1;
  std::string directory;  // for its results; "" keeps them in memory
};

/// A point of a sweep: overrides and how it is called.
struct Variant {
  std::string label;
  std::vector<std::string> sets;
};

struct PlanRequest {
  std::vector<std::string> scenarios;  // paths, or names of bundled ones
  std::vector<PolicyChoice> policies;  // none: the one that each scenario names
  std::vector<std::string> sets;
  std::vector<Variant> variants = {{}};
  std::optional<std::uint64_t> seed;  // the first one; else the scenario's
  int seeds = 1;                      // consecutive
  std::string backend = "simulated";
};

struct Plan {
  std::vector<PlannedRun> runs;  // seeds innermost, then policies
  std::vector<Diagnostic> diagnostics;
  Warnings warnings;
};

/// Each mistake and each warning once, however many runs it concerns.
Plan plan_runs(const PlanRequest& request);

}  // namespace wsfleet
