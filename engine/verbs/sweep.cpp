// SPDX-License-Identifier: Apache-2.0
// `wsfleet sweep`: a grid of settings x policies x seeds, as a table and as runs.sqlite.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/log.h"
#include "engine/verbs/common.h"
#include "results/compare/comparison.h"
#include "results/record/files.h"
#include "results/record/run_store.h"
#include "results/summary/scores.h"
#include "results/text_table.h"

namespace wsfleet {
namespace {

constexpr std::array kDefaultScores{"pod_hours", "violation_s", "refused_share",
                                    "connections_cut_by_scaling", "time_to_connect_p99_s"};

/// "server.drain.mode=none,paced" as its assignments; the last part of the path stands in labels.
Result<std::vector<Variant>> read_axis(const std::string& over) {
  const std::size_t equals = over.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == over.size()) {
    return fail(ErrorKind::usage,
                fmt::format("--over {}: write --over path.to.key=value,value,...", over));
  }
  std::vector<Variant> axis;
  for (const std::string& value : split_values(over.substr(equals + 1))) {
    if (value.empty()) {
      return fail(ErrorKind::usage, fmt::format("--over {}: a value is missing", over));
    }
    const std::string set = over.substr(0, equals) + "=" + value;
    axis.push_back({set, {set}});
  }
  return axis;
}

/// Every combination, the last axis changing fastest.
Result<std::vector<Variant>> build_grid(const std::vector<std::string>& overs) {
  std::vector<Variant> grid = {{}};
  for (const std::string& over : overs) {
    const Result<std::vector<Variant>> axis = read_axis(over);
    if (!axis) return tl::unexpected(axis.error());
    std::vector<Variant> wider;
    for (const Variant& point : grid) {
      for (const Variant& step : *axis) {
        Variant combined = point;
        combined.label += (point.label.empty() ? "" : " ") + step.label;
        combined.sets.push_back(step.sets.front());
        wider.push_back(std::move(combined));
      }
    }
    grid = std::move(wider);
  }
  return grid;
}

Result<PlanRequest> plan_request(const SweepOptions& options) {
  if (const auto available = check_simulated_only(options.backend, "sweep"); !available) {
    return tl::unexpected(available.error());
  }
  Result<std::vector<PolicyChoice>> policies = policies_of(options.policies);
  if (!policies) return tl::unexpected(policies.error());
  Result<std::vector<Variant>> grid = build_grid(options.over);
  if (!grid) return tl::unexpected(grid.error());
  PlanRequest request;
  request.scenarios = {options.scenario};
  request.policies = std::move(*policies);
  request.sets = options.sets;
  request.variants = std::move(*grid);
  request.seed = options.seed;
  request.seeds = options.seeds;
  request.backend = options.backend;
  return request;
}

Result<std::vector<std::string>> scores_to_show(const SweepOptions& options) {
  if (options.all_scores) return score_names();
  if (options.scores.empty()) {
    return std::vector<std::string>(kDefaultScores.begin(), kDefaultScores.end());
  }
  for (const std::string& name : options.scores) {
    if (find_score(name) != nullptr) continue;
    const auto near = closest_match(name, score_names());
    return fail(ErrorKind::usage, fmt::format("unknown score '{}'{}", name,
                                              near ? "; did you mean '" + *near + "'?" : ""));
  }
  return options.scores;
}

/// "server.drain.mode" is "mode" in the table, unless another axis ends alike.
std::string short_key(const std::string& over, const std::vector<std::string>& overs) {
  const auto last_part = [](const std::string& axis) {
    const std::string path = axis.substr(0, axis.find('='));
    const std::size_t dot = path.rfind('.');
    return dot == std::string::npos ? path : path.substr(dot + 1);
  };
  const std::string key = last_part(over);
  const auto alike = std::count_if(overs.begin(), overs.end(), [&](const std::string& other) {
    return last_part(other) == key;
  });
  return alike > 1 ? over.substr(0, over.find('=')) : key;
}

/// "flash-crowd server.drain.mode=none" is "mode=none".
std::string row_label(std::string label, const std::string& scenario,
                      const std::vector<std::string>& overs) {
  label.erase(0, scenario.size() + 1);
  for (const std::string& over : overs) {
    const std::string path = over.substr(0, over.find('=') + 1);
    label.replace(label.find(path), path.size(), short_key(over, overs) + "=");
  }
  return label;
}

/// One row per point of the grid and policy.
std::string sweep_table(const Comparison& comparison, const std::string& scenario,
                        const std::vector<std::string>& overs,
                        const std::vector<std::string>& scores, bool color) {
  std::vector<std::string> headers = {"settings, policy"};
  headers.insert(headers.end(), scores.begin(), scores.end());
  TextTable table(headers);
  for (const ScenarioComparison& point : comparison.scenarios) {
    const std::string label = row_label(point.scenario, scenario, overs);
    for (std::size_t p = 0; p < point.policies.size(); ++p) {
      std::vector<TextCell> row = {{label + ", " + point.policies[p].policy, Tone::plain}};
      for (const std::string& score : scores) {
        const ScoreCell* cell = point.cell(p, score);
        row.push_back({cell != nullptr ? format_estimate(cell->estimate) : "-", Tone::plain});
      }
      table.add_row(std::move(row));
    }
  }
  return table.render(color);
}

}  // namespace

int sweep(const SweepOptions& options, const Terminal& terminal) {
  const Result<PlanRequest> request = plan_request(options);
  if (!request) return tell(request.error());
  const Result<std::vector<std::string>> scores = scores_to_show(options);
  if (!scores) return tell(scores.error());
  const Plan plan = plan_runs(*request);
  if (const auto status = tell_problems(plan)) return *status;
  const std::string scenario = plan.runs.front().scenario->name;
  const std::string directory =
      options.directory.empty() ? fresh_directory(scenario + "-sweep") : options.directory;
  auto staged = StagedDirectory::create(directory);
  if (!staged) return tell(staged.error());

  const Outcome outcome = run_plan(plan, options.jobs, terminal);
  if (outcome.runs.empty()) return outcome.exit_status();
  const std::vector<RunSummary> runs = outcome.summaries();
  const Comparison comparison = build_comparison(runs);
  const std::string json = comparison_json_text(comparison, runs);
  auto written = write_run_store((*staged)->path("runs.sqlite"), runs);
  if (written) written = (*staged)->write("comparison.json", json);
  if (written) written = (*staged)->commit();
  if (!written) return tell(written.error());
  if (options.json) {
    print(json);
  } else {
    print(sweep_table(comparison, scenario, options.over, *scores, terminal.color));
    print(
        fmt::format("\nMeans over {} seeds ± half the 95 % confidence interval. All runs: "
                    "{}/runs.sqlite\n",
                    options.seeds, directory));
    const std::size_t hidden = score_names().size() - scores->size();
    if (options.scores.empty() && hidden > 0) {
      print(fmt::format("--all-scores shows {} more scores.\n", hidden));
    }
  }
  return outcome.exit_status();
}

}  // namespace wsfleet
