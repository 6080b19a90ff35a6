// SPDX-License-Identifier: Apache-2.0
#pragma once
// Comparison of policies over the same seeds: per scenario and policy each score's mean and
// confidence interval, its difference to the first policy, and the one sentence that says which
// policy to use. The rules are in docs/scores.md. Pure, thread-safe.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "results/compare/statistics.h"
#include "results/summary/run_summary.h"

namespace wsfleet {

/// One score of one policy.
struct ScoreCell {
  std::vector<double> values;  // by seed, in the order of PolicyResult::seeds
  Estimate estimate;
  Difference difference;  // to the first policy; TestKind::none for the first policy itself
};

struct PolicyResult {
  std::string policy;
  std::vector<std::uint64_t> seeds;
  std::vector<ScoreCell> scores;  // parallel to ScenarioComparison::scores
};

struct ScenarioComparison {
  std::string scenario;
  std::string backend;
  std::vector<std::string> scores;     // names, in the order of the score table
  std::vector<PolicyResult> policies;  // in the order in which they first appear

  /// Null when there is no such score in this comparison.
  const ScoreCell* cell(std::size_t policy, std::string_view score) const;
};

struct Comparison {
  std::vector<ScenarioComparison> scenarios;
};

/// Runs of one scenario and backend belong together; stopped runs are left out. Seeds that a policy
/// lacks are left out of its pairs.
Comparison build_comparison(const std::vector<RunSummary>& runs);

/// The differences of every score between two policies of one comparison (second minus first),
/// Holm-adjusted over the scores that have a better direction. Parallel to `scores`.
std::vector<Difference> compare_policies(const ScenarioComparison& comparison, std::size_t first,
                                         std::size_t second);

/// {"format", "runs", "comparisons"}: what `compare --json` prints and comparison.json holds.
nlohmann::ordered_json to_json(const Comparison& comparison, const std::vector<RunSummary>& runs);
/// The same as text, pretty-printed, with a trailing newline.
std::string comparison_json_text(const Comparison& comparison, const std::vector<RunSummary>& runs);

}  // namespace wsfleet
