// SPDX-License-Identifier: Apache-2.0
#pragma once
// `[expect]`: conditions on scores that `wsfleet run` must meet (exit status 99 when one is
// missed): score = "< 0.01". Pure.

#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/toml/toml_reader.h"
#include "results/summary/scores.h"

namespace wsfleet {

enum class Relation { less, less_or_equal, equal, greater_or_equal, greater };

struct Expectation {
  std::string score;
  Relation relation = Relation::less;
  double limit = 0;
};

/// "refused_share < 0.01", the form that results carry.
std::string to_string(const Expectation& expectation);

struct ExpectResult {
  std::string condition;
  double value = 0;  // may be infinite or NaN, as scores may; a NaN meets no condition
  bool met = false;
  bool unknown = false;  // the world could not know that score: neither met nor missed
};

/// "< 0.01" with one of < <= == >= > and a number.
Result<Expectation> parse_expectation(std::string score, std::string_view condition);
/// The whole section; unknown scores and malformed conditions become diagnostics.
std::vector<Expectation> read_expectations(TomlTable table);

std::vector<ExpectResult> evaluate(const std::vector<Expectation>& expectations,
                                   const Scores& scores);
bool all_met(const std::vector<ExpectResult>& results);
/// The conditions that could not be checked, as a sentence; nothing when all could.
std::optional<Error> unknown_conditions(const std::vector<ExpectResult>& results);

}  // namespace wsfleet
