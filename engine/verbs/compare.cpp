// SPDX-License-Identifier: Apache-2.0
// `wsfleet compare`: policies over the same seeds, tables, one sentence of advice, a report; with
// --baseline the gate for CI.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <system_error>

#include "core/log.h"
#include "engine/experiment/run_context.h"
#include "engine/verbs/common.h"
#include "engine/verbs/comparison_report.h"
#include "results/compare/baseline.h"
#include "results/compare/recommendation.h"
#include "results/record/files.h"
#include "results/record/run_store.h"
#include "results/report/page/html_report.h"
#include "results/summary/text_report.h"
#include "results/text_table.h"

namespace wsfleet {
namespace {

Result<PlanRequest> plan_request(const CompareOptions& options) {
  if (const auto available = check_simulated_only(options.backend, "compare"); !available) {
    return tl::unexpected(available.error());
  }
  Result<std::vector<PolicyChoice>> policies = policies_of(options.policies);
  if (!policies) return tl::unexpected(policies.error());
  PlanRequest request;
  request.scenarios = options.scenarios;
  request.policies = std::move(*policies);
  request.sets = options.sets;
  request.seed = options.seed;
  request.seeds = options.seeds;
  request.backend = options.backend;
  return request;
}

/// Two scenarios of one name would be taken for one.
Result<void> check_names(const Plan& plan) {
  for (const PlannedRun& run : plan.runs) {
    const PlannedRun& first = *std::find_if(
        plan.runs.begin(), plan.runs.end(),
        [&](const PlannedRun& other) { return other.scenario_label == run.scenario_label; });
    if (first.scenario->path == run.scenario->path) continue;
    return fail(ErrorKind::usage,
                fmt::format("{} and {} have the same name, '{}'", first.scenario->path,
                            run.scenario->path, run.scenario_label));
  }
  return {};
}

std::string directory_of(const CompareOptions& options, const Plan& plan) {
  if (!options.directory.empty()) return options.directory;
  if (options.scenarios.size() > 1) return fresh_directory("compare");
  return fresh_directory(plan.runs.front().scenario->name + "-compare");
}

/// Each policy's first seed is kept whole: its decisions and events say why, its rows draw charts.
void keep_first_seeds(Plan& plan, const StagedDirectory& staged) {
  for (PlannedRun& run : plan.runs) {
    if (run.seed != run.scenario->seed) continue;
    run.directory = staged.path(
        fmt::format("runs/{}-{}-{}", run.scenario->name, file_name_of(run.policy.label), run.seed));
  }
}

/// What children left behind that were stopped while they wrote.
void remove_unfinished(const StagedDirectory& staged) {
  std::error_code error;
  std::vector<std::filesystem::path> unfinished;
  for (const auto& entry : std::filesystem::directory_iterator(staged.path("runs"), error)) {
    if (entry.path().filename().string().find(".partial-") != std::string::npos) {
      unfinished.push_back(entry.path());
    }
  }
  for (const auto& path : unfinished) std::filesystem::remove_all(path, error);
}

/// Where the runs will be once the comparison's directory is in its place.
void name_final_directories(Outcome& outcome, const StagedDirectory& staged,
                            const std::string& target) {
  const std::string staging = staged.path("");
  for (FinishedRun& run : outcome.runs) {
    std::string& directory = run.summary.directory;
    if (directory.starts_with(staging)) {
      directory = (std::filesystem::path(target) / directory.substr(staging.size())).string();
    }
  }
}

std::vector<ShownRun> shown_runs(const Plan& plan, const Outcome& outcome) {
  std::vector<ShownRun> shown;
  for (const FinishedRun& run : outcome.runs) {
    if (run.rows.empty()) continue;
    const auto planned =
        std::find_if(plan.runs.begin(), plan.runs.end(), [&](const PlannedRun& other) {
          return other.scenario_label == run.summary.scenario &&
                 other.policy.label == run.summary.policy;
        });
    RunDetails details = run_details(*planned->scenario);
    Series series = build_series(run.rows, details.objective, kSecond);
    shown.push_back({run.summary.scenario,
                     {run.summary.policy, run.summary.seed, std::move(series), run.events},
                     std::move(details)});
  }
  return shown;
}

Result<void> write_results(StagedDirectory& staged, const Comparison& comparison,
                           const std::vector<RunSummary>& runs,
                           const std::vector<ShownRun>& shown) {
  if (auto stored = write_run_store(staged.path("runs.sqlite"), runs); !stored) return stored;
  if (auto written = staged.write("comparison.json", comparison_json_text(comparison, runs));
      !written) {
    return written;
  }
  for (std::size_t i = 0; i < comparison.scenarios.size(); ++i) {
    const ReportData data = comparison_report(comparison.scenarios[i], shown);
    auto reported = write_report(data, staged.path(report_name(comparison, i)));
    if (!reported) return reported;
  }
  return staged.commit();
}

/// Returns 99 when a score got significantly worse.
int tell_baseline(const std::vector<RunSummary>& now, const std::vector<RunSummary>& stored,
                  bool json) {
  const BaselineResult result = compare_with_baseline(now, stored);
  if (json) {
    for (const ScoreChange& change : result.worse) {
      log_error(fmt::format("{} with {}: {} got worse than in the baseline", change.scenario,
                            change.policy, change.score));
    }
  } else {
    print("\n" + baseline_text(result));
  }
  return result.worse.empty() ? 0 : kExitMissed;
}

void print_comparison(const CompareOptions& options, const Terminal& terminal,
                      const Comparison& comparison, const std::vector<RunSummary>& runs,
                      const std::string& directory) {
  if (options.json) return print(comparison_json_text(comparison, runs));
  print(comparison_text(comparison, {.color = terminal.color, .all_scores = options.all_scores}));
  print("\n");
  std::istringstream sentences(recommendation(comparison));  // one line per scenario
  for (std::string sentence; std::getline(sentences, sentence);) print(wrap(sentence) + "\n");
  print("\n");
  for (std::size_t i = 0; i < comparison.scenarios.size(); ++i) {
    print(fmt::format("Report: {}/{}\n", directory, report_name(comparison, i)));
  }
}

}  // namespace

int compare(const CompareOptions& options, const Terminal& terminal) {
  const Result<PlanRequest> request = plan_request(options);
  if (!request) return tell(request.error());
  Plan plan = plan_runs(*request);
  if (const auto status = tell_problems(plan)) return *status;
  if (const auto names = check_names(plan); !names) return tell(names.error());
  std::vector<RunSummary> baseline;
  if (!options.baseline.empty()) {
    Result<std::vector<RunSummary>> stored = read_baseline(options.baseline);
    if (!stored) return tell(stored.error());
    baseline = std::move(*stored);
  }
  const std::string directory = directory_of(options, plan);
  auto staged = StagedDirectory::create(directory);
  if (!staged) return tell(staged.error());

  keep_first_seeds(plan, **staged);
  Outcome outcome = run_plan(plan, options.jobs, terminal);
  if (outcome.runs.empty()) return outcome.exit_status();
  remove_unfinished(**staged);
  name_final_directories(outcome, **staged, directory);
  const std::vector<RunSummary> runs = outcome.summaries();
  const Comparison comparison = build_comparison(runs);
  const auto written = write_results(**staged, comparison, runs, shown_runs(plan, outcome));
  if (!written) return tell(written.error());
  print_comparison(options, terminal, comparison, runs, directory);
  if (const int status = outcome.exit_status(); status != 0) return status;
  return options.baseline.empty() ? 0 : tell_baseline(runs, baseline, options.json);
}

}  // namespace wsfleet
