// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a run or a comparison says to people on a terminal: plain text that fits 100 columns. Pure.

#include <span>
#include <string>

#include "results/compare/comparison.h"
#include "results/summary/run_summary.h"

namespace wsfleet {

struct TextStyle {
  bool color = false;
  bool all_scores = false;  // of comparison_text(): not only those that people decide by
};

/// Key scores, what happened and when, the worst minute, expectations, notices, the directory.
std::string run_text(const RunSummary& summary, std::span<const SecondRow> rows,
                     std::span<const FleetEvent> events, const RunDetails& details,
                     TextStyle style);
/// Every score with its value and unit.
std::string all_scores_text(const Scores& scores);

/// Per scenario: score rows, policy columns, mean ± half the confidence interval, then differences
/// to the first policy with `~` where not significant, and how many scores are not shown. Without
/// the closing recommendation, which recommendation() of results/compare/recommendation.h gives.
std::string comparison_text(const Comparison& comparison, TextStyle style);

}  // namespace wsfleet
