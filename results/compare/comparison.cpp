// SPDX-License-Identifier: Apache-2.0
#include "results/compare/comparison.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "results/unknown.h"

namespace wsfleet {
namespace {

using nlohmann::ordered_json;

ScenarioComparison& scenario_of(Comparison& comparison, const RunSummary& run) {
  for (ScenarioComparison& scenario : comparison.scenarios) {
    if (scenario.scenario == run.scenario && scenario.backend == run.backend) return scenario;
  }
  ScenarioComparison& added = comparison.scenarios.emplace_back();
  added.scenario = run.scenario;
  added.backend = run.backend;
  for (const Score& score : run.scores) added.scores.push_back(score.name);
  return added;
}

PolicyResult& policy_of(ScenarioComparison& scenario, const RunSummary& run) {
  for (PolicyResult& policy : scenario.policies) {
    if (policy.policy == run.policy) return policy;
  }
  PolicyResult& added = scenario.policies.emplace_back();
  added.policy = run.policy;
  added.scores.resize(scenario.scores.size());
  return added;
}

// In order of seed, whatever order the runs ended in: sums of doubles depend on their order.
void add_run(ScenarioComparison& scenario, const RunSummary& run) {
  PolicyResult& policy = policy_of(scenario, run);
  const auto at = std::ranges::lower_bound(policy.seeds, run.seed);
  if (at != policy.seeds.end() && *at == run.seed) return;  // the same run twice
  const auto index = at - policy.seeds.begin();
  policy.seeds.insert(at, run.seed);
  for (std::size_t i = 0; i < scenario.scores.size(); ++i) {
    std::vector<double>& values = policy.scores[i].values;
    values.insert(values.begin() + index,
                  score_value(run.scores, scenario.scores[i]).value_or(kNaN));
  }
}

// The values of one score of both policies at the seeds that both have.
struct Pairs {
  std::vector<double> first;
  std::vector<double> second;
};

Pairs pair_up(const PolicyResult& first, const PolicyResult& second, std::size_t score) {
  Pairs pairs;
  for (std::size_t i = 0, j = 0; i < first.seeds.size() && j < second.seeds.size();) {
    if (first.seeds[i] == second.seeds[j]) {
      pairs.first.push_back(first.scores[score].values[i++]);
      pairs.second.push_back(second.scores[score].values[j++]);
    } else {
      ++(first.seeds[i] < second.seeds[j] ? i : j);
    }
  }
  return pairs;
}

ordered_json number_or_null(double value) {
  return std::isfinite(value) ? ordered_json(value) : ordered_json(nullptr);
}

const char* name_of(TestKind test) {
  switch (test) {
    case TestKind::none:
      return "none";
    case TestKind::paired_t:
      return "paired_t";
    case TestKind::exact:
      return "exact";
    case TestKind::sign:
      return "sign";
    case TestKind::welch_t:
      break;
  }
  return "welch_t";
}

ordered_json difference_to_json(const Difference& difference) {
  return {{"test", name_of(difference.test)},
          {"pairs", difference.pairs},
          {"higher", difference.higher},
          {"lower", difference.lower},
          {"mean", number_or_null(difference.mean)},
          {"half_width", number_or_null(difference.half_width)},
          {"p_value", difference.p_value},
          {"p_adjusted", difference.p_adjusted},
          {"significant", difference.significant}};
}

ordered_json cell_to_json(const ScoreCell& cell, bool with_difference) {
  ordered_json object{{"values", cell.estimate.values},
                      {"infinite", cell.estimate.infinite},
                      {"missing", cell.estimate.missing},
                      {"mean", number_or_null(cell.estimate.mean)},
                      {"sd", number_or_null(cell.estimate.sd)},
                      {"half_width", number_or_null(cell.estimate.half_width)}};
  if (with_difference) object["difference_to_first"] = difference_to_json(cell.difference);
  return object;
}

ordered_json scenario_to_json(const ScenarioComparison& scenario) {
  ordered_json policies = ordered_json::array();
  for (std::size_t p = 0; p < scenario.policies.size(); ++p) {
    const PolicyResult& policy = scenario.policies[p];
    ordered_json scores = ordered_json::object();
    for (std::size_t i = 0; i < scenario.scores.size(); ++i) {
      scores[scenario.scores[i]] = cell_to_json(policy.scores[i], p > 0);
    }
    policies.push_back(
        {{"policy", policy.policy}, {"seeds", policy.seeds}, {"scores", std::move(scores)}});
  }
  return {{"scenario", scenario.scenario},
          {"backend", scenario.backend},
          {"confidence", 1.0 - kSignificance},
          {"policies", std::move(policies)}};
}

}  // namespace

const ScoreCell* ScenarioComparison::cell(std::size_t policy, std::string_view score) const {
  const auto found = std::ranges::find(scores, score);
  if (found == scores.end() || policy >= policies.size()) return nullptr;
  return &policies[policy].scores[static_cast<std::size_t>(found - scores.begin())];
}

Comparison build_comparison(const std::vector<RunSummary>& runs) {
  Comparison comparison;
  for (const RunSummary& run : runs) {
    if (!run.stopped) add_run(scenario_of(comparison, run), run);
  }
  for (ScenarioComparison& scenario : comparison.scenarios) {
    for (std::size_t p = 0; p < scenario.policies.size(); ++p) {
      PolicyResult& policy = scenario.policies[p];
      for (ScoreCell& cell : policy.scores) cell.estimate = estimate(cell.values);
      if (p == 0) continue;
      const std::vector<Difference> differences = compare_policies(scenario, 0, p);
      for (std::size_t i = 0; i < differences.size(); ++i) {
        policy.scores[i].difference = differences[i];
      }
    }
  }
  return comparison;
}

std::vector<Difference> compare_policies(const ScenarioComparison& comparison, std::size_t first,
                                         std::size_t second) {
  std::vector<Difference> differences;
  for (std::size_t i = 0; i < comparison.scores.size(); ++i) {
    const Pairs pairs = pair_up(comparison.policies[first], comparison.policies[second], i);
    differences.push_back(paired_difference(pairs.first, pairs.second));
  }
  std::vector<Difference*> family;
  for (std::size_t i = 0; i < differences.size(); ++i) {
    if (has_direction(comparison.scores[i])) family.push_back(&differences[i]);
  }
  decide_significance(family);
  return differences;
}

ordered_json to_json(const Comparison& comparison, const std::vector<RunSummary>& runs) {
  ordered_json summaries = ordered_json::array();
  for (const RunSummary& run : runs) summaries.push_back(to_json(run));
  ordered_json comparisons = ordered_json::array();
  for (const ScenarioComparison& scenario : comparison.scenarios) {
    comparisons.push_back(scenario_to_json(scenario));
  }
  return {{"format", kResultsFormat},
          {"runs", std::move(summaries)},
          {"comparisons", std::move(comparisons)}};
}

std::string comparison_json_text(const Comparison& comparison,
                                 const std::vector<RunSummary>& runs) {
  return to_json(comparison, runs).dump(2, ' ', false, ordered_json::error_handler_t::replace) +
         "\n";
}

}  // namespace wsfleet
