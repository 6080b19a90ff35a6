// SPDX-License-Identifier: Apache-2.0
#pragma once
// `compare --baseline`: the gate for CI. Scores of now against those of a stored comparison, paired
// where the seeds match. Pure but for read_baseline.

#include <string>
#include <vector>

#include "results/compare/statistics.h"
#include "results/summary/run_summary.h"

namespace wsfleet {

struct ScoreChange {
  std::string scenario;
  std::string policy;
  std::string score;
  Estimate before;
  Estimate now;
  Difference difference;  // now minus before
};

struct BaselineResult {
  std::vector<ScoreChange> worse;    // significantly; not empty means exit status 99
  std::vector<ScoreChange> better;   // significantly
  int compared = 0;                  // pairs of scenario and policy in both
  std::vector<std::string> notices;  // "hpa on flash-crowd is not in the baseline", "one seed only"
};

BaselineResult compare_with_baseline(const std::vector<RunSummary>& now,
                                     const std::vector<RunSummary>& stored);

/// The runs.sqlite or comparison.json of a directory that `compare` or `sweep` wrote.
Result<std::vector<RunSummary>> read_baseline(const std::string& directory);

/// For people, 100 columns; ends with a newline.
std::string baseline_text(const BaselineResult& result);

}  // namespace wsfleet
