// SPDX-License-Identifier: Apache-2.0
// The comparison as text: a table of estimates, a table of differences, a legend.
#include <algorithm>
#include <array>
#include <cmath>

#include "results/summary/text_report.h"
#include "results/text_table.h"

namespace wsfleet {
namespace {

// With these, three policies fit beside the longest score name.
constexpr std::size_t kLabelColumns = 21;

// What people decide by.
constexpr std::array<std::string_view, 20> kDecisiveScores{"violation_s",
                                                           "refused_share",
                                                           "sessions_lost",
                                                           "connections_moved_by_scaling",
                                                           "connections_cut_by_scaling",
                                                           "connections_cut_by_failure",
                                                           "reconnects",
                                                           "reconnects_peak_per_second",
                                                           "time_to_connect_p50_s",
                                                           "time_to_connect_p99_s",
                                                           "time_to_connect_p999_s",
                                                           "message_latency_p99_s",
                                                           "pod_hours",
                                                           "accuracy_under_percent",
                                                           "accuracy_over_percent",
                                                           "time_under_percent",
                                                           "direction_reversals_per_hour",
                                                           "jain_index_mean",
                                                           "ready_replicas_mean",
                                                           "ready_replicas_max"};

bool shown(const std::string& score, TextStyle style) {
  return style.all_scores || std::ranges::find(kDecisiveScores, score) != kDecisiveScores.end();
}

std::size_t hidden_scores(const ScenarioComparison& scenario, TextStyle style) {
  return static_cast<std::size_t>(std::ranges::count_if(
      scenario.scores, [&](const std::string& score) { return !shown(score, style); }));
}

bool all_zero_or_missing(const ScenarioComparison& scenario, std::size_t score) {
  return std::ranges::all_of(scenario.policies, [&](const PolicyResult& policy) {
    const Estimate& of = policy.scores[score].estimate;
    return of.infinite == 0 && (of.values == 0 || (of.mean == 0 && !(of.sd > 0)));
  });
}

// The policies had no say in it: nothing to show as a difference.
bool same_for_all(const ScenarioComparison& scenario, std::size_t score) {
  return std::all_of(scenario.policies.begin() + 1, scenario.policies.end(),
                     [&](const PolicyResult& policy) {
                       const Difference& of = policy.scores[score].difference;
                       return of.higher == 0 && of.lower == 0;
                     });
}

// Long policy names are numbered in the headers and written out below.
std::vector<std::string> labels(const ScenarioComparison& scenario) {
  const bool number = std::ranges::any_of(scenario.policies, [](const PolicyResult& policy) {
    return shown_width(policy.policy) > kLabelColumns;
  });
  std::vector<std::string> result;
  for (std::size_t i = 0; i < scenario.policies.size(); ++i) {
    const std::string& name = scenario.policies[i].policy;
    const std::string kind = name.substr(0, std::min(name.find(':'), kLabelColumns - 4));
    result.push_back(number ? "#" + std::to_string(i + 1) + " " + kind : name);
  }
  return result;
}

std::string label_legend(const ScenarioComparison& scenario,
                         const std::vector<std::string>& labels) {
  std::string text;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] == scenario.policies[i].policy) continue;
    text += wrap("#" + std::to_string(i + 1) + " is " + scenario.policies[i].policy, 2) + "\n";
  }
  return text;
}

TextCell difference_cell(const std::string& score, const Difference& difference) {
  if (difference.pairs == 0) return {"-", Tone::dim};
  std::string text = format_difference(difference);
  if (difference.test == TestKind::sign) {
    text = std::to_string(difference.higher) + " higher, " + std::to_string(difference.lower) +
           " lower";
  } else if (difference.agreeing() < difference.pairs && difference.mean != 0) {
    text +=
        " (" + std::to_string(difference.agreeing()) + "/" + std::to_string(difference.pairs) + ")";
  }
  const ScoreEntry* entry = find_score(score);
  if (entry == nullptr || entry->better == Better::neither) return {text, Tone::plain};
  if (!difference.significant) return {"~ " + text, Tone::dim};
  const bool good = (difference.direction() < 0) == (entry->better == Better::lower);
  return {text + (good ? " better" : " worse"), good ? Tone::good : Tone::bad};
}

std::string seeds_text(const ScenarioComparison& scenario) {
  std::size_t fewest = scenario.policies.front().seeds.size();
  std::size_t most = fewest;
  for (const PolicyResult& policy : scenario.policies) {
    fewest = std::min(fewest, policy.seeds.size());
    most = std::max(most, policy.seeds.size());
  }
  if (fewest != most) {
    return std::to_string(fewest) + " to " + std::to_string(most) + " seeds a policy";
  }
  return most == 1 ? "1 seed: no differences can be claimed" : std::to_string(most) + " seeds";
}

std::string scenario_text(const ScenarioComparison& scenario, TextStyle style) {
  const std::vector<std::string> names = labels(scenario);
  std::vector<std::string> headers{"score"};
  headers.insert(headers.end(), names.begin(), names.end());
  TextTable estimates(headers);
  std::vector<std::string> difference_headers{"difference to " + names.front()};
  difference_headers.insert(difference_headers.end(), names.begin() + 1, names.end());
  TextTable differences(difference_headers);
  std::string zeros;
  for (std::size_t i = 0; i < scenario.scores.size(); ++i) {
    if (!shown(scenario.scores[i], style)) continue;
    if (all_zero_or_missing(scenario, i)) {
      zeros += (zeros.empty() ? "" : ", ") + scenario.scores[i];
      continue;
    }
    std::vector<TextCell> row{{scenario.scores[i], Tone::plain}};
    std::vector<TextCell> difference_row = row;
    for (std::size_t p = 0; p < scenario.policies.size(); ++p) {
      const ScoreCell& cell = scenario.policies[p].scores[i];
      row.push_back({format_estimate(cell.estimate), Tone::plain});
      if (p > 0) difference_row.push_back(difference_cell(scenario.scores[i], cell.difference));
    }
    estimates.add_row(std::move(row));
    if (!same_for_all(scenario, i)) differences.add_row(std::move(difference_row));
  }
  std::string text = with_tone(scenario.scenario, Tone::strong, style.color) + " (" +
                     scenario.backend + ", " + seeds_text(scenario) + ")\n";
  text += label_legend(scenario, names) + "\n" + estimates.render(style.color);
  if (!zeros.empty()) text += wrap("0 or nothing to measure for every policy: " + zeros, 2) + "\n";
  const bool paired = std::ranges::any_of(
      scenario.policies, [](const PolicyResult& policy) { return policy.seeds.size() > 1; });
  if (scenario.policies.size() < 2 || !paired) return text;
  if (differences.empty()) {
    const bool some = hidden_scores(scenario, style) > 0;
    return text + "The policies do not differ in any " + (some ? "of these scores" : "score") +
           ".\n";
  }
  text += "\n" + differences.render(style.color);
  text += wrap(
              "±: half of the 95 % confidence interval over seeds, for each score alone. ~: not "
              "significant (5 % over all scores of a pair of policies, Holm). 8/10: so many seeds "
              "have the sign of the majority, where not all do.",
              2) +
          "\n";
  return text;
}

}  // namespace

std::string comparison_text(const Comparison& comparison, TextStyle style) {
  std::string text;
  std::size_t hidden = 0;
  for (const ScenarioComparison& scenario : comparison.scenarios) {
    if (!text.empty()) text += "\n";
    text += scenario_text(scenario, style);
    hidden = std::max(hidden, hidden_scores(scenario, style));
  }
  if (hidden > 0) text += "\n--all-scores shows " + std::to_string(hidden) + " more scores.\n";
  return text;
}

}  // namespace wsfleet
