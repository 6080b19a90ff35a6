// SPDX-License-Identifier: Apache-2.0
#include "results/fidelity/fidelity.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace wsfleet {
namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

/// Later starts than this blur what clients see.
constexpr double kLateSeconds = 0.1;

// The gate's bounds (docs/formats/fidelity.md).
constexpr double kReplicasApart = 0.5;
constexpr double kConnectionsApartPercent = 5;
constexpr double kMovedApartShare = 0.1;  // of those moved live
constexpr double kMovedApart = 10;        // sockets, where that is more
constexpr double kIntervalsLeast = 10;

constexpr const char* kMoved = "connections_moved_by_scaling";

constexpr std::array kScores = {"refused_share",
                                "sessions_lost",
                                kMoved,
                                "connections_cut_by_scaling",
                                "reconnects",
                                "time_to_connect_p50_s",
                                "time_to_connect_p99_s",
                                "message_latency_p99_s",
                                "violation_s",
                                "pod_hours",
                                "ready_replicas_mean",
                                "ready_replicas_max",
                                "connections_max"};

std::vector<FidelityRow> common_rows(const Series& live, const Series& simulated) {
  std::vector<FidelityRow> rows;
  const auto live_times = live.column("time_s");
  const auto simulated_times = simulated.column("time_s");
  for (std::size_t i = 0, j = 0; i < live_times.size() && j < simulated_times.size();) {
    if (live_times[i] != simulated_times[j]) {
      ++(live_times[i] < simulated_times[j] ? i : j);
      continue;
    }
    FidelityRow row;
    row.time_s = live_times[i];
    for (std::size_t c = 0; c < kFidelityColumns.size(); ++c) {
      const auto from_live = live.column(kFidelityColumns[c]);
      const auto from_simulated = simulated.column(kFidelityColumns[c]);
      row.live[c] = from_live.empty() ? kNothing : from_live[i];
      row.simulated[c] = from_simulated.empty() ? kNothing : from_simulated[j];
    }
    rows.push_back(row);
    ++i;
    ++j;
  }
  return rows;
}

FidelitySeries difference(const std::vector<FidelityRow>& rows, std::size_t column) {
  FidelitySeries sums;
  for (const FidelityRow& row : rows) {
    sums.live_mean += row.live[column];
    sums.simulated_mean += row.simulated[column];
    sums.mad += std::abs(row.live[column] - row.simulated[column]);
  }
  const auto count = static_cast<double>(rows.size());
  FidelitySeries means{sums.live_mean / count, sums.simulated_mean / count, sums.mad / count, 0};
  if (means.mad != 0) {
    means.mad_percent = means.live_mean == 0 ? kNothing : 100 * means.mad / means.live_mean;
  }
  return means;
}

std::vector<std::string> notices_of(const Fidelity& fidelity) {
  std::vector<std::string> notices;
  const RunSummary& live = fidelity.live.summary;
  if (fidelity.live.figures.session_digest == 0) {
    notices.emplace_back("the run has no session digest: whether it had the same sessions is open");
  } else if (live.stopped) {
    notices.emplace_back(
        "the run was stopped before its end: its sessions and scores are a part's");
  } else if (!fidelity.same_sessions) {
    notices.emplace_back("the sessions are not the same: differences are not those of the worlds");
  }
  if (fidelity.rows.empty()) notices.emplace_back("no scrape interval is in both runs");
  if (fidelity.live.figures.start_lateness_p99_s > kLateSeconds) {
    notices.emplace_back("the load generators could not keep up: clients came late");
  }
  return notices;
}

}  // namespace

Fidelity build_fidelity(FidelitySide live, FidelitySide simulated) {
  Fidelity fidelity;
  fidelity.live = std::move(live);
  fidelity.simulated = std::move(simulated);
  const RunFigures& a = fidelity.live.figures;
  const RunFigures& b = fidelity.simulated.figures;
  // A run that says nothing of its sessions has not shown them to be the same.
  fidelity.same_sessions = a.session_digest != 0 && a.session_digest == b.session_digest &&
                           a.sessions_begun == b.sessions_begun;
  fidelity.rows = common_rows(fidelity.live.series, fidelity.simulated.series);
  const std::size_t longest = std::max(fidelity.live.series.column("time_s").size(),
                                       fidelity.simulated.series.column("time_s").size());
  fidelity.intervals_missing = longest - fidelity.rows.size();
  for (std::size_t column = 0; column < kFidelityColumns.size(); ++column) {
    fidelity.series[column] = difference(fidelity.rows, column);
  }
  for (const char* name : kScores) {
    fidelity.scores.push_back(
        {name, score_value(fidelity.live.summary.scores, name).value_or(kNothing),
         score_value(fidelity.simulated.summary.scores, name).value_or(kNothing)});
  }
  fidelity.notices = notices_of(fidelity);
  return fidelity;
}

Scores fidelity_measures(const Fidelity& fidelity) {
  Scores measures;
  measures.push_back({"session_digest_same", fidelity.same_sessions ? 1.0 : 0.0});
  measures.push_back(
      {"sessions_difference", static_cast<double>(fidelity.live.figures.sessions_begun -
                                                  fidelity.simulated.figures.sessions_begun)});
  measures.push_back({"start_lateness_p99_s", fidelity.live.figures.start_lateness_p99_s});
  measures.push_back({"intervals", static_cast<double>(fidelity.rows.size())});
  measures.push_back({"intervals_missing", static_cast<double>(fidelity.intervals_missing)});
  for (std::size_t column = 0; column < kFidelityColumns.size(); ++column) {
    const std::string name = kFidelityColumns[column];
    measures.push_back({name + "_mad", fidelity.series[column].mad});
    measures.push_back({name + "_mad_percent", fidelity.series[column].mad_percent});
  }
  for (const FidelityScore& score : fidelity.scores) {
    // Twice the same infinity is no difference.
    const double difference = score.live == score.simulated ? 0 : score.live - score.simulated;
    measures.push_back({score.name + "_difference", difference});
    if (score.name == kMoved) measures.push_back({score.name + "_apart", std::abs(difference)});
  }
  return measures;
}

std::vector<Expectation> fidelity_gate(const Fidelity& fidelity,
                                       const std::vector<Expectation>& own) {
  const double moved = score_value(fidelity.live.summary.scores, kMoved).value_or(kNothing);
  const std::vector<Expectation> bounds = {
      {"session_digest_same", Relation::equal, 1},
      {"intervals", Relation::greater_or_equal, kIntervalsLeast},
      {"intervals_missing", Relation::equal, 0},
      {"spec_replicas_mad", Relation::less_or_equal, kReplicasApart},
      {"ready_replicas_mad", Relation::less_or_equal, kReplicasApart},
      {"connections_mad_percent", Relation::less_or_equal, kConnectionsApartPercent},
      {std::string(kMoved) + "_apart", Relation::less_or_equal,
       std::fmax(kMovedApart, kMovedApartShare * moved)}};
  std::vector<Expectation> conditions;
  for (const Expectation& bound : bounds) {
    const bool replaced = std::any_of(own.begin(), own.end(), [&bound](const Expectation& one) {
      return one.score == bound.score;
    });
    if (!replaced) conditions.push_back(bound);
  }
  conditions.insert(conditions.end(), own.begin(), own.end());
  return conditions;
}

std::vector<FidelityCheck> check_fidelity(const Fidelity& fidelity,
                                          const std::vector<Expectation>& conditions) {
  const std::vector<ExpectResult> results = evaluate(conditions, fidelity_measures(fidelity));
  std::vector<FidelityCheck> checks;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const ExpectResult& result = results[i];
    checks.push_back({result.condition, result.value, result.met,
                      result.met ? 0 : std::abs(result.value - conditions[i].limit)});
  }
  return checks;
}

bool all_met(const std::vector<FidelityCheck>& checks) {
  return std::all_of(checks.begin(), checks.end(),
                     [](const FidelityCheck& check) { return check.met; });
}

Result<Expectation> parse_fidelity_condition(const std::string& text) {
  const std::size_t sign = text.find_first_of("<>=");
  std::string name = text.substr(0, sign);
  name.erase(name.find_last_not_of(" \t") + 1);
  name.erase(0, name.find_first_not_of(" \t"));
  const Scores measures = fidelity_measures(build_fidelity({}, {}));
  if (!score_value(measures, name)) {
    std::vector<std::string> names;
    for (const Score& measure : measures) names.push_back(measure.name);
    const auto meant = closest_match(name, names);
    return fail(ErrorKind::usage, "'" + text + "': there is no measure '" + name + "'" +
                                      (meant ? "; did you mean '" + *meant + "'?" : ""));
  }
  auto condition = parse_expectation(name, sign == std::string::npos ? "" : text.substr(sign));
  if (!condition) return fail(ErrorKind::usage, condition.error().message);
  return condition;
}

}  // namespace wsfleet
