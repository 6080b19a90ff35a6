// SPDX-License-Identifier: Apache-2.0
#include "results/compare/baseline.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "results/compare/comparison.h"
#include "results/record/files.h"
#include "results/record/run_store.h"
#include "results/summary/text_report.h"
#include "results/text_table.h"

namespace wsfleet {
namespace {

constexpr std::size_t kMinimumSeeds = 3;

const PolicyResult* find_policy(const Comparison& comparison, const ScenarioComparison& like,
                                const std::string& policy, const ScenarioComparison*& scenario) {
  for (const ScenarioComparison& candidate : comparison.scenarios) {
    if (candidate.scenario != like.scenario || candidate.backend != like.backend) continue;
    scenario = &candidate;
    for (const PolicyResult& result : candidate.policies) {
      if (result.policy == policy) return &result;
    }
  }
  return nullptr;
}

// Of one score: before and now, by seed where both have it.
Difference difference_of(const PolicyResult& before, std::size_t before_score,
                         const PolicyResult& now, std::size_t now_score) {
  std::vector<double> first;
  std::vector<double> second;
  for (std::size_t i = 0; i < before.seeds.size(); ++i) {
    const auto match = std::ranges::find(now.seeds, before.seeds[i]);
    if (match == now.seeds.end()) continue;
    first.push_back(before.scores[before_score].values[i]);
    second.push_back(
        now.scores[now_score].values[static_cast<std::size_t>(match - now.seeds.begin())]);
  }
  if (first.size() >= 2) return paired_difference(first, second);
  return unpaired_difference(before.scores[before_score].values, now.scores[now_score].values);
}

bool is_worse(const ScoreChange& change) {
  const int bad = find_score(change.score)->better == Better::lower ? 1 : -1;
  return change.difference.direction() == bad;
}

void compare_policy(const ScenarioComparison& now, const PolicyResult& policy,
                    const ScenarioComparison& stored, const PolicyResult& before,
                    BaselineResult& result) {
  std::vector<ScoreChange> changes;
  for (std::size_t i = 0; i < now.scores.size(); ++i) {
    const auto found = std::ranges::find(stored.scores, now.scores[i]);
    if (found == stored.scores.end() || !has_direction(now.scores[i])) continue;
    const auto j = static_cast<std::size_t>(found - stored.scores.begin());
    changes.push_back({now.scenario, policy.policy, now.scores[i], before.scores[j].estimate,
                       policy.scores[i].estimate, difference_of(before, j, policy, i)});
  }
  std::vector<Difference*> family;
  for (ScoreChange& change : changes) family.push_back(&change.difference);
  decide_significance(family);
  for (ScoreChange& change : changes) {
    if (!change.difference.significant) continue;
    (is_worse(change) ? result.worse : result.better).push_back(std::move(change));
  }
  ++result.compared;
  if (std::min(policy.seeds.size(), before.seeds.size()) < kMinimumSeeds) {
    result.notices.push_back(policy.policy + " on " + now.scenario +
                             ": fewer than three seeds can hardly show a difference; use --seeds");
  }
}

std::string change_line(const ScoreChange& change) {
  const Difference& difference = change.difference;
  std::string line = "  " + change.scenario + ", " + change.policy + ": " + change.score + " " +
                     format_estimate(change.before) + " -> " + format_estimate(change.now);
  if (difference.test == TestKind::welch_t) return line + " (unpaired)";
  return line + " (" + std::to_string(difference.agreeing()) + " of " +
         std::to_string(difference.pairs) + " seeds)";
}

}  // namespace

BaselineResult compare_with_baseline(const std::vector<RunSummary>& now,
                                     const std::vector<RunSummary>& stored) {
  BaselineResult result;
  const Comparison current = build_comparison(now);
  const Comparison baseline = build_comparison(stored);
  for (const ScenarioComparison& scenario : current.scenarios) {
    for (const PolicyResult& policy : scenario.policies) {
      const ScenarioComparison* before_scenario = nullptr;
      const PolicyResult* before = find_policy(baseline, scenario, policy.policy, before_scenario);
      if (before != nullptr) {
        compare_policy(scenario, policy, *before_scenario, *before, result);
      } else {
        result.notices.push_back(policy.policy + " on " + scenario.scenario +
                                 " is not in the baseline");
      }
    }
  }
  return result;
}

Result<std::vector<RunSummary>> read_baseline(const std::string& directory) {
  const std::string store = directory + "/runs.sqlite";
  std::error_code ignored;
  if (std::filesystem::exists(store, ignored)) return read_run_store(store);
  const std::string path = directory + "/comparison.json";
  auto text = read_text_file(path);
  if (!text) {
    return fail(ErrorKind::usage, directory +
                                      " has neither runs.sqlite nor comparison.json: name a "
                                      "directory that `wsfleet compare -o` wrote");
  }
  const auto json = nlohmann::ordered_json::parse(*text, nullptr, false);
  if (json.is_discarded() || !json.is_object() || !json.contains("runs")) {
    return fail(path + ": not the JSON of a comparison");
  }
  std::vector<RunSummary> runs;
  for (const auto& entry : json["runs"]) {
    auto run = run_summary_from_json(entry);
    if (!run) return fail(path + ": " + run.error().message);
    runs.push_back(std::move(*run));
  }
  return runs;
}

std::string baseline_text(const BaselineResult& result) {
  std::string text;
  if (result.compared == 0) {
    text += "Nothing in the baseline can be compared with these runs.\n";
  } else if (result.worse.empty()) {
    text += "No score is significantly worse than in the baseline.\n";
  } else {
    text += "Significantly worse than in the baseline:\n";
    for (const ScoreChange& change : result.worse) text += change_line(change) + "\n";
  }
  if (!result.better.empty()) text += "Significantly better:\n";
  for (const ScoreChange& change : result.better) text += change_line(change) + "\n";
  for (const std::string& notice : result.notices) text += "note: " + notice + "\n";
  return text;
}

}  // namespace wsfleet
