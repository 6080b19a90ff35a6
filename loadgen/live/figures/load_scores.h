// SPDX-License-Identifier: Apache-2.0
#pragma once
// The flat list of numbers that a load run comes to, and conditions on them: `--threshold
// 'time_to_connect_p99_s<1'`, exit status 99 when one is missed. Pure.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "loadgen/live/figures/figures.h"

namespace wsfleet {

/// May be infinite (never) or NaN (there was nothing to measure).
struct LoadScore {
  std::string name;
  double value = 0;
};
using LoadScores = std::vector<LoadScore>;

LoadScores load_scores(const LoadFigures& figures);
std::vector<std::string> load_score_names();

enum class Comparison { less, less_or_equal, equal, greater_or_equal, greater };

struct Threshold {
  std::string score;
  Comparison comparison = Comparison::less;
  double limit = 0;
  std::string text;  // as the user wrote it
};

/// "SCORE<NUMBER" with one of < <= == >= >; an error (usage) names what is wrong with it.
Result<Threshold> parse_threshold(std::string_view text);

struct ThresholdResult {
  std::string text;
  double value = 0;  // a NaN meets no condition
  bool met = false;
};
std::vector<ThresholdResult> evaluate(const std::vector<Threshold>& thresholds,
                                      const LoadScores& scores);

}  // namespace wsfleet
