// SPDX-License-Identifier: Apache-2.0
#pragma once
// How far a run and a simulation of the same scenario, policy and seed are apart: whether they had
// the same sessions, the mean absolute difference of what is plotted over time, and the scores side
// by side; and the bounds within which they count as the same (the gate). docs/formats/fidelity.md
// says what each number is. Pure.

#include <array>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "results/record/series.h"
#include "results/summary/expectations.h"
#include "results/summary/run_summary.h"

namespace wsfleet {

/// One of the two runs.
struct FidelitySide {
  RunSummary summary;
  RunFigures figures;
  Series series;
};

/// The columns of series.csv that are compared over time.
inline constexpr std::array<const char*, 3> kFidelityColumns = {"spec_replicas", "ready_replicas",
                                                                "connections"};

struct FidelityRow {
  double time_s = 0;
  std::array<double, kFidelityColumns.size()> live{};
  std::array<double, kFidelityColumns.size()> simulated{};
};

/// Over the scrape intervals that both have; NaN without any.
struct FidelitySeries {
  double live_mean = 0;
  double simulated_mean = 0;
  double mad = 0;          // mean absolute difference
  double mad_percent = 0;  // of the live mean; NaN when that is 0 and the difference is not
};

struct FidelityScore {
  std::string name;
  double live = 0;  // may be infinite or NaN, as scores may
  double simulated = 0;
};

struct Fidelity {
  FidelitySide live;
  FidelitySide simulated;
  bool same_sessions = false;  // digest and count
  std::vector<FidelityRow> rows;
  std::array<FidelitySeries, kFidelityColumns.size()> series;
  std::size_t intervals_missing = 0;  // that one of the two has and the other has not
  std::vector<FidelityScore> scores;
  std::vector<std::string> notices;  // what takes from the comparison's worth
};

/// A condition on a measure, and how it came out.
struct FidelityCheck {
  std::string condition;
  double value = 0;  // NaN where there is nothing to compare: that meets no condition
  bool met = false;
  double missed_by = 0;  // 0 when met, NaN with a value that is none
};

Fidelity build_fidelity(FidelitySide live, FidelitySide simulated);

/// What conditions may be about: `connections_mad_percent`, `session_digest_same`, ...
Scores fidelity_measures(const Fidelity& fidelity);
/// "MEASURE<NUMBER" with one of < <= == >= >; an error (usage) names what is wrong with it.
Result<Expectation> parse_fidelity_condition(const std::string& text);
/// The gate: what makes a run and its simulation two measurements of the same thing. `own`
/// conditions are added, each in the place of the gate's on the same measure.
std::vector<Expectation> fidelity_gate(const Fidelity& fidelity,
                                       const std::vector<Expectation>& own);
std::vector<FidelityCheck> check_fidelity(const Fidelity& fidelity,
                                          const std::vector<Expectation>& conditions);
bool all_met(const std::vector<FidelityCheck>& checks);
/// "it is 8.2: 3.2 beyond", or that there is nothing to compare.
std::string how_missed(const FidelityCheck& check);

/// For people, in 100 columns.
std::string fidelity_text(const Fidelity& fidelity, const std::vector<FidelityCheck>& checks,
                          bool color);
nlohmann::ordered_json fidelity_json(const Fidelity& fidelity,
                                     const std::vector<FidelityCheck>& checks);

}  // namespace wsfleet
