// SPDX-License-Identifier: Apache-2.0
// How far a run and its simulation are apart, for people and as JSON.
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "results/fidelity/fidelity.h"
#include "results/record/json_lines.h"
#include "results/text_table.h"

namespace wsfleet {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kShownRows = 20;

std::string shown(double value) { return format_value(value); }
std::string count(std::int64_t value) { return format_value(static_cast<double>(value)); }

std::string sessions_text(const Fidelity& fidelity) {
  const RunFigures& live = fidelity.live.figures;
  const RunFigures& simulated = fidelity.simulated.figures;
  if (fidelity.same_sessions) {
    return "The same " + count(live.sessions_begun) + " sessions (digest " +
           hex_text(live.session_digest) + ").\n";
  }
  return "Sessions differ: " + count(live.sessions_begun) + " live (digest " +
         hex_text(live.session_digest) + "), " + count(simulated.sessions_begun) +
         " simulated (digest " + hex_text(simulated.session_digest) + ").\n";
}

/// What the simulation took over from the live run, in a sentence; "" for nothing.
std::string surroundings_text(const Surroundings& met) {
  std::string text;
  const auto say = [&text](const char* what, double seconds, const char* rest) {
    if (std::isnan(seconds)) return;
    text += (text.empty() ? "" : ", ") + std::string(what) + shown(seconds * 1e3) + " ms" + rest;
  };
  say("attempts open within ", met.attempt_time_p50_s, "");
  say("pods are ready ", met.pod_ready_p50_s, " after they are made");
  say("the ingress knows of it within ", met.endpoints_known_p50_s, "");
  if (text.empty()) return "";
  return wrap("Simulated with what the live run met, by its medians: " + text + ".") + "\n";
}

std::string rows_text(const Fidelity& fidelity, bool color) {
  TextTable table({"time", "spec live", "simulated", "ready live", "simulated", "connections live",
                   "simulated"});
  const std::size_t step = (fidelity.rows.size() + kShownRows - 1) / kShownRows;
  for (std::size_t i = 0; i < fidelity.rows.size(); ++i) {
    const FidelityRow& row = fidelity.rows[i];
    if ((i + 1) % step != 0 && i + 1 != fidelity.rows.size()) continue;
    std::vector<TextCell> cells = {{format_duration_short(from_seconds(row.time_s))}};
    for (std::size_t column = 0; column < kFidelityColumns.size(); ++column) {
      cells.push_back({shown(row.live[column])});
      cells.push_back({shown(row.simulated[column])});
    }
    table.add_row(std::move(cells));
  }
  return table.empty() ? "" : table.render(color) + "\n";
}

std::string differences_text(const Fidelity& fidelity, bool color) {
  TextTable table({"over " + count(static_cast<std::int64_t>(fidelity.rows.size())) + " intervals",
                   "live mean", "simulated", "mean absolute difference", "of live"});
  for (std::size_t column = 0; column < kFidelityColumns.size(); ++column) {
    const FidelitySeries& series = fidelity.series[column];
    const bool known = !std::isnan(series.mad_percent);
    table.add_row({{kFidelityColumns[column]},
                   {shown(series.live_mean)},
                   {shown(series.simulated_mean)},
                   {shown(series.mad)},
                   {shown(series.mad_percent) + (known ? " %" : "")}});
  }
  return table.render(color) + "\n";
}

std::string scores_text(const Fidelity& fidelity, bool color) {
  TextTable table({"score", "live", "simulated"});
  for (const FidelityScore& score : fidelity.scores) {
    table.add_row({{score.name}, {shown(score.live)}, {shown(score.simulated)}});
  }
  return table.render(color);
}

/// Infinite values and those that are none have no JSON.
ordered_json number(double value) {
  return std::isfinite(value) ? ordered_json(value) : ordered_json();
}

ordered_json rows_json(const Fidelity& fidelity) {
  ordered_json rows = ordered_json::array();
  for (const FidelityRow& row : fidelity.rows) {
    ordered_json entry = {{"time_s", row.time_s}};
    for (std::size_t column = 0; column < kFidelityColumns.size(); ++column) {
      entry[kFidelityColumns[column]] = {{"live", number(row.live[column])},
                                         {"simulated", number(row.simulated[column])}};
    }
    rows.push_back(std::move(entry));
  }
  return rows;
}

ordered_json sessions_json(const Fidelity& fidelity) {
  const RunFigures& live = fidelity.live.figures;
  const RunFigures& simulated = fidelity.simulated.figures;
  return {{"same", fidelity.same_sessions},
          {"live", live.sessions_begun},
          {"simulated", simulated.sessions_begun},
          {"live_digest", hex_text(live.session_digest)},
          {"simulated_digest", hex_text(simulated.session_digest)}};
}

}  // namespace

std::string how_missed(const FidelityCheck& check) {
  if (std::isnan(check.value)) return "there is nothing to compare";
  return "it is " + shown(check.value) + ": " + shown(check.missed_by) + " beyond";
}

std::string fidelity_text(const Fidelity& fidelity, const std::vector<FidelityCheck>& checks,
                          bool color) {
  const RunSummary& live = fidelity.live.summary;
  std::string text = live.scenario + " with " + live.policy + ", seed " +
                     std::to_string(live.seed) + ": '" + live.backend +
                     "' (live) beside its simulation\n\n" + sessions_text(fidelity);
  const double late = fidelity.live.figures.start_lateness_p99_s;
  if (!std::isnan(late)) {
    text += "The load generators began 99 % of their attempts at most " + shown(late * 1e3) +
            " ms late.\n";
  }
  text += surroundings_text(fidelity.live.figures.surroundings);
  text += "\n" + rows_text(fidelity, color) + differences_text(fidelity, color) +
          scores_text(fidelity, color);
  for (const std::string& notice : fidelity.notices) text += "\n" + wrap("Note: " + notice) + "\n";
  if (!checks.empty()) text += "\n";
  for (const FidelityCheck& check : checks) {
    text += with_tone(check.met ? "met" : "missed", check.met ? Tone::good : Tone::bad, color) +
            "  " + check.condition + "  (" + (check.met ? shown(check.value) : how_missed(check)) +
            ")\n";
  }
  return text;
}

ordered_json fidelity_json(const Fidelity& fidelity, const std::vector<FidelityCheck>& checks) {
  const RunSummary& live = fidelity.live.summary;
  ordered_json json = {{"format", kResultsFormat},
                       {"scenario", live.scenario},
                       {"policy", live.policy},
                       {"seed", live.seed},
                       {"backend", live.backend},
                       {"directory", live.directory},
                       {"sessions", sessions_json(fidelity)}};
  json["start_lateness_p99_s"] = number(fidelity.live.figures.start_lateness_p99_s);
  const Surroundings& met = fidelity.live.figures.surroundings;
  json["surroundings"] = {{"attempt_time_p50_s", number(met.attempt_time_p50_s)},
                          {"pod_ready_p50_s", number(met.pod_ready_p50_s)},
                          {"endpoints_known_p50_s", number(met.endpoints_known_p50_s)}};
  for (std::size_t column = 0; column < kFidelityColumns.size(); ++column) {
    const FidelitySeries& series = fidelity.series[column];
    json["series"][kFidelityColumns[column]] = {{"live_mean", number(series.live_mean)},
                                                {"simulated_mean", number(series.simulated_mean)},
                                                {"mad", number(series.mad)},
                                                {"mad_percent", number(series.mad_percent)}};
  }
  json["rows"] = rows_json(fidelity);
  json["infinite_scores"] = {{"live", ordered_json::array()}, {"simulated", ordered_json::array()}};
  for (const FidelityScore& score : fidelity.scores) {
    json["scores"][score.name] = {{"live", number(score.live)},
                                  {"simulated", number(score.simulated)}};
    if (std::isinf(score.live)) json["infinite_scores"]["live"].push_back(score.name);
    if (std::isinf(score.simulated)) json["infinite_scores"]["simulated"].push_back(score.name);
  }
  json["measures"] = ordered_json::object();
  for (const Score& measure : fidelity_measures(fidelity)) {
    json["measures"][measure.name] = number(measure.value);
  }
  json["thresholds"] = ordered_json::array();
  for (const FidelityCheck& check : checks) {
    json["thresholds"].push_back({{"condition", check.condition},
                                  {"value", number(check.value)},
                                  {"met", check.met},
                                  {"missed_by", number(check.missed_by)}});
  }
  json["notices"] = fidelity.notices;
  return json;
}

}  // namespace wsfleet
