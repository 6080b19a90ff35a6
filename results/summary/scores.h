// SPDX-License-Identifier: Apache-2.0
#pragma once
// Scores: what one run comes down to, a flat ordered list of (name, value) with the unit in each
// name. Formulas, units and sources are in docs/scores.md; the table is the one place that lists
// them, and everything that prints, compares or stores scores walks it. Pure, thread-safe.

#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/seam/demand.h"
#include "core/seam/run_record.h"

namespace wsfleet {

enum class Better { lower, higher, neither };

/// A value may be +infinity ("that quantile of the sessions never connected") or NaN: there was
/// nothing to measure (no message was sent, no fault happened), or the world could not know it
/// (`unknown`). JSON writes null for all three and lists the infinite and the unknown ones by name;
/// text prints "never", "-" and "unknown".
struct Score {
  std::string name;
  double value = 0;
  bool unknown = false;
};
using Scores = std::vector<Score>;

/// What scores are computed from. Rows that start before `warmup` are recorded, not scored.
struct ScoreInput {
  std::span<const SecondRow> rows;
  std::span<const FleetEvent> events;
  const ClientHistograms& clients;
  Objective objective;
  TimeNs warmup = 0;
};

/// The scored part of a run, with what several scores share worked out once.
struct ScoredRun {
  std::span<const SecondRow> rows;
  std::vector<int> demand;     // d(t), by row
  std::vector<bool> violated;  // the objective was missed in that second, by row
  bool violations_known = true;
  std::vector<std::int64_t> fault_times_s;
  const ClientHistograms& clients;
};

struct ScoreEntry {
  const char* name;
  const char* unit;  // "s", "percent", "share", "pod hours", "" for plain counts
  Better better;
  const char* meaning;                               // one line
  std::optional<double> (*value)(const ScoredRun&);  // nothing: not known
};

/// In the order in which scores are listed everywhere.
std::span<const ScoreEntry> score_table();
const ScoreEntry* find_score(std::string_view name);
std::vector<std::string> score_names();
/// Lower or higher is better: only such scores can be called significantly better or worse.
bool has_direction(std::string_view name);

/// Every entry of the table, in its order. Without a scored second all values are NaN.
Scores compute_scores(const ScoreInput& input);
std::optional<double> score_value(const Scores& scores, std::string_view name);

/// A row's field as a number; NaN where the world could not know it.
template <class T>
double number_of(const T& field) {
  return static_cast<double>(field);
}
template <class T>
double number_of(const std::optional<T>& field) {
  return field ? static_cast<double>(*field) : std::numeric_limits<double>::quiet_NaN();
}

/// More than 1 % of the attempts or of the messages beyond the objective, or an attempt refused for
/// want of capacity. Nothing where only that would decide and it is not known.
std::optional<bool> violates_objective(const SecondRow& row);
int demand_of(const Objective& objective, const SecondRow& row);

/// Elastic speedup of a scaled run over an unscaled one (Herbst et al., BUNGEE): the geometric mean
/// of the four ratios baseline/scaled of accuracy_under, accuracy_over, time_under and time_over.
/// A percentage below kSpeedupFloorPercent counts as that floor, so that a perfect score divides
/// by something. No value when one of the eight is missing.
inline constexpr double kSpeedupFloorPercent = 0.1;
std::optional<double> elastic_speedup(const Scores& scaled, const Scores& baseline);

}  // namespace wsfleet
