// SPDX-License-Identifier: Apache-2.0
#include "results/summary/text_report.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>

#include "results/text_table.h"

namespace wsfleet {
namespace {

constexpr std::size_t kMinuteSeconds = 60;
constexpr const char* kUnknown = "unknown";

// Shown even when 0; every other score only when it says something.
constexpr std::array kKeyScores{"violation_s",
                                "refused_share",
                                "sessions_lost",
                                "connections_cut_by_scaling",
                                "connections_moved_by_scaling",
                                "reconnects",
                                "time_to_connect_p50_s",
                                "time_to_connect_p99_s",
                                "message_latency_p99_s",
                                "pod_hours",
                                "time_under_percent",
                                "time_over_percent",
                                "ready_replicas_mean",
                                "ready_replicas_max",
                                "direction_reversals_per_hour",
                                "jain_index_mean"};
constexpr std::array kOtherScores{"connections_closed_by_shedding", "connections_cut_by_failure",
                                  "recovery_max_s"};

std::string clock_text(std::int64_t second) {
  char text[40];
  std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", static_cast<long long>(second / 3600),
                static_cast<long long>(second / 60 % 60), static_cast<long long>(second % 60));
  return text;
}

std::string count_text(double count, const char* one, const char* many) {
  return format_value(count) + " " + (count == 1 ? one : many);
}

std::span<const SecondRow> scored(std::span<const SecondRow> rows, TimeNs warmup) {
  const auto first = std::ranges::find_if(
      rows, [&](const SecondRow& row) { return row.time_s * kSecond >= warmup; });
  return {first, rows.end()};
}

std::string shown(const Score& score) {
  return score.unknown ? kUnknown : format_value(score.value);
}

std::string score_lines(const Scores& scores, bool color) {
  std::vector<const char*> names(kKeyScores.begin(), kKeyScores.end());
  for (const char* name : kOtherScores) {
    const auto score = std::ranges::find(scores, name, &Score::name);
    if (score != scores.end() && (score->value > 0 || score->unknown)) names.push_back(name);
  }
  std::string text;
  for (const char* name : names) {
    const auto score = std::ranges::find(scores, name, &Score::name);
    if (score == scores.end()) continue;
    std::string line = name;
    line.resize(32, ' ');
    const std::string number = shown(*score);
    line += std::string(12 - std::min<std::size_t>(12, shown_width(number)), ' ') + number;
    text += line + "  " + with_tone(find_score(name)->meaning, Tone::dim, color) + "\n";
  }
  return text;
}

std::string replicas_text(std::span<const SecondRow> rows, const Scores& scores) {
  const auto most = std::ranges::max_element(rows, {}, &SecondRow::ready_replicas);
  std::string text = "Replicas: " + std::to_string(rows.front().ready_replicas) + " ready at " +
                     clock_text(rows.front().time_s) + ", at most " +
                     std::to_string(most->ready_replicas) + " at " + clock_text(most->time_s + 1) +
                     ", " + std::to_string(rows.back().ready_replicas) + " at the end; raised " +
                     count_text(score_value(scores, "scale_ups").value_or(0), "time", "times") +
                     ", lowered " +
                     count_text(score_value(scores, "scale_downs").value_or(0), "time", "times");
  return text + ".";
}

// "Refused: 1,234 attempts, most of them in the second from 0:11:02 (89)."
std::string peak_text(std::span<const SecondRow> rows, const char* title, const char* what,
                      std::int64_t (*count)(const SecondRow&)) {
  std::int64_t total = 0;
  const SecondRow* peak = nullptr;
  for (const SecondRow& row : rows) {
    total += count(row);
    if (count(row) > 0 && (peak == nullptr || count(row) > count(*peak))) peak = &row;
  }
  if (peak == nullptr) return {};
  return std::string(title) + ": " + format_value(static_cast<double>(total)) + " " + what +
         ", at most " + format_value(static_cast<double>(count(*peak))) + " in a second, at " +
         clock_text(peak->time_s) + ".\n";
}

struct Minute {
  std::span<const SecondRow> rows;
  double violated = 0;
  double attempts = 0;
  double unsuccessful = 0;
  double cut = 0;
};

// The minute with the most seconds beyond the objective, then the most unsuccessful attempts.
Minute worst_minute(std::span<const SecondRow> rows) {
  Minute worst;
  for (std::size_t begin = 0; begin < rows.size(); begin += kMinuteSeconds) {
    Minute minute;
    minute.rows = rows.subspan(begin, std::min(kMinuteSeconds, rows.size() - begin));
    for (const SecondRow& row : minute.rows) {
      minute.violated += violates_objective(row).value_or(false) ? 1 : 0;
      minute.attempts += static_cast<double>(row.attempts);
      minute.unsuccessful += static_cast<double>(row.refused + row.failed);
      minute.cut +=
          static_cast<double>(row.cut_by_scaling.value_or(0) + row.cut_by_failure.value_or(0));
    }
    if (minute.violated > worst.violated ||
        (minute.violated == worst.violated && minute.unsuccessful > worst.unsuccessful)) {
      worst = minute;
    }
  }
  return worst;
}

std::string worst_minute_text(std::span<const SecondRow> rows, const Objective& objective) {
  const Minute worst = worst_minute(rows);
  if (worst.violated == 0) {
    const bool known = std::ranges::all_of(
        rows, [](const SecondRow& row) { return violates_objective(row).has_value(); });
    return known ? "The objective was met in every scored second.\n"
                 : "Whether the objective was met in every scored second is not known.\n";
  }
  const SecondRow& last = worst.rows.back();
  return "Worst minute: from " + clock_text(worst.rows.front().time_s) + ", " +
         format_value(worst.violated) + " s beyond the objective, " +
         format_value(worst.unsuccessful) + " of " +
         count_text(worst.attempts, "attempt", "attempts") + " refused or failed, " +
         count_text(worst.cut, "connection", "connections") + " cut; at its end " +
         std::to_string(last.supply) + " pods were up and " +
         std::to_string(demand_of(objective, last)) + " needed.\n";
}

std::string events_text(std::span<const FleetEvent> events) {
  std::map<std::string, int> kinds;
  for (const FleetEvent& event : events) ++kinds[event.kind];
  std::string text;
  for (const auto& [kind, count] : kinds) {
    text += (text.empty() ? "Events: " : ", ") + std::to_string(count) + " " + kind;
  }
  return text.empty() ? text : text + ".\n";
}

std::string story(const RunSummary& summary, std::span<const SecondRow> rows,
                  const Objective& objective) {
  std::string text = replicas_text(rows, summary.scores) + "\n";
  text += peak_text(rows, "Refused or failed", "attempts",
                    [](const SecondRow& row) { return row.refused + row.failed; });
  text += peak_text(rows, "Cut by scaling", "connections",
                    [](const SecondRow& row) { return row.cut_by_scaling.value_or(0); });
  text += peak_text(rows, "Cut by failure", "connections",
                    [](const SecondRow& row) { return row.cut_by_failure.value_or(0); });
  return text + worst_minute_text(rows, objective);
}

std::string expect_text(const std::vector<ExpectResult>& results, bool color) {
  std::string text;
  for (const ExpectResult& result : results) {
    const char* word = result.met ? "met   " : result.unknown ? "error " : "missed";
    text += with_tone(word, result.met ? Tone::good : Tone::bad, color);
    text += "  " + result.condition + " (" +
            (result.unknown ? kUnknown : format_value(result.value)) + ")\n";
  }
  return text;
}

// Every paragraph of `text` broken at 100 columns.
std::string wrapped(const std::string& text) {
  std::string out;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    out += wrap(std::string_view(text).substr(begin, end - begin), 2) + "\n";
    begin = end + 1;
  }
  return out;
}

}  // namespace

std::string run_text(const RunSummary& summary, std::span<const SecondRow> rows,
                     std::span<const FleetEvent> events, const RunDetails& details,
                     TextStyle style) {
  std::string text = wrapped(summary.scenario + ", policy " + summary.policy + ", seed " +
                             std::to_string(summary.seed) + " (" + summary.backend +
                             "): " + format_duration_short(from_seconds(summary.simulated_s)) +
                             (summary.stopped ? " recorded, then stopped by the user" : "") +
                             ", in " + format_duration_short(from_seconds(summary.wall_s)) + ", " +
                             format_value(static_cast<double>(summary.events)) + " events\n");
  const std::span<const SecondRow> counted = scored(rows, details.warmup);
  if (counted.empty()) {
    text += "Nothing was scored: the run ended within its warm-up.\n";
  } else {
    text += "\n" + score_lines(summary.scores, style.color) + "\n";
    text += wrapped(story(summary, counted, details.objective) + events_text(events));
  }
  if (!summary.expect.empty()) text += "\n" + expect_text(summary.expect, style.color);
  std::string notices;
  for (const std::string& notice : summary.notices) notices += "note: " + notice + "\n";
  text += wrapped(notices);
  if (!summary.directory.empty()) text += "\nResults: " + summary.directory + "\n";
  return text;
}

std::string all_scores_text(const Scores& scores) {
  TextTable table({"score", "value", "unit"});
  for (const Score& score : scores) {
    const ScoreEntry* entry = find_score(score.name);
    table.add_row({{score.name, Tone::plain},
                   {shown(score), Tone::plain},
                   {entry == nullptr ? "" : entry->unit, Tone::plain}});
  }
  return table.render(false);
}

}  // namespace wsfleet
