// SPDX-License-Identifier: Apache-2.0
#pragma once
// The end of a run, stopped or not: scores what the recorder holds, checks the expectations, writes
// run.json and series.csv and puts the directory in its place.

#include <vector>

#include "results/record/run_recorder.h"
#include "results/summary/expectations.h"
#include "results/summary/run_summary.h"

namespace wsfleet {

/// What the engine knows about the run and the recorder does not.
struct RunContext {
  std::string scenario;
  std::string policy;
  std::uint64_t seed = 0;
  std::string backend = "simulated";
  double wall_s = 0;
  bool stopped = false;
  std::vector<Expectation> expectations;
  std::vector<std::string> notices;  // added to those of the run's figures
  RunDetails details;
};

Result<RunSummary> finish_run(RunRecorder& recorder, const RunContext& context);

}  // namespace wsfleet
