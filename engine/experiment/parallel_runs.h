// SPDX-License-Identifier: Apache-2.0
#pragma once
// Many runs on all cores, each in a forked child: a child's crash is its own, and SimGrid's one
// engine per process is kept. The parent must not have simulated anything and has one thread.
// Results are in the order of the plan and the same for any number of jobs.

#include <cstddef>
#include <functional>
#include <vector>

#include "engine/experiment/plan.h"
#include "results/summary/run_summary.h"

namespace wsfleet {

struct FinishedRun {
  RunSummary summary;
  // Only of the runs that have a directory: charts need a few, scores none.
  std::vector<SecondRow> rows;
  std::vector<FleetEvent> events;
};

struct ParallelOptions {
  int jobs = 0;  // 0: one per core
  std::function<void(std::size_t finished)> progress;
  /// What a child does; a simulated run unless a test wants something else.
  std::function<Result<FinishedRun>(const PlannedRun&)> body;
};

/// An error names the run; ErrorKind::stopped marks those that the user's Ctrl-C ended or kept from
/// starting. All children are gone when this returns, and die with this process if it is killed.
std::vector<Result<FinishedRun>> run_in_parallel(const std::vector<PlannedRun>& runs,
                                                 const ParallelOptions& options);

/// "flash-crowd with hpa, seed 3".
std::string describe(const PlannedRun& run);

}  // namespace wsfleet
