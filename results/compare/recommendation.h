// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which policy to use: policies drop out one service score after the other, then the cheapest of
// the rest wins, and the sentence says how sure that is. The rule is in docs/scores.md. Pure.

#include <optional>
#include <string>

#include "results/compare/comparison.h"

namespace wsfleet {

struct Recommendation {
  std::optional<std::string> policy;  // absent when nothing can be recommended
  bool separated = false;             // the data tell it from every other candidate
  std::string sentence;               // for people, with the numbers; ends with a full stop
};

/// The oracle is a bound and never recommended.
Recommendation recommend(const ScenarioComparison& comparison);
/// One sentence per scenario, each led by the scenario's name when there are several.
std::string recommendation(const Comparison& comparison);

}  // namespace wsfleet
