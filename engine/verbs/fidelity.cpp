// SPDX-License-Identifier: Apache-2.0
// `wsfleet fidelity`: a run's scenario, policy and seed once more in simulation, with the network
// and the pod starts that the run met, and how far the two are apart.
#include "results/fidelity/fidelity.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <system_error>

#include "cluster/surroundings.h"
#include "core/log.h"
#include "engine/command_line/progress.h"
#include "engine/experiment/simulated_run.h"
#include "engine/scenario/find_scenario.h"
#include "engine/verbs/common.h"

namespace wsfleet {
namespace {

namespace fs = std::filesystem;

/// What the run met and the simulation is given. A median of pods of which some were slowed on
/// purpose says nothing of the others.
Surroundings surroundings_of(const StoredRun& stored, const Scenario& scenario) {
  Surroundings met = stored.figures.surroundings;
  const bool slowed =
      std::any_of(scenario.faults.begin(), scenario.faults.end(),
                  [](const Fault& fault) { return fault.kind == FaultKind::slow_start; });
  if (slowed) met.pod_ready_p50_s = Surroundings{}.pod_ready_p50_s;
  return met;
}

/// The scenario as run.json has it, the policy run by who ran it then. A trace is looked for beside
/// the bundled scenario of the same
/// name, or from the current directory: the text does not say where it was read.
Result<PlannedRun> plan_again(StoredRun& stored) {
  auto choices = parse_policies(stored.summary.policy);
  if (!choices) return tl::unexpected(choices.error());
  const fs::path beside = fs::path(find_scenario(stored.summary.scenario)).parent_path();
  const std::string name = (beside / "scenario_text of run.json").string();
  PlannedRun run;
  run.policy = choices->front();
  std::vector<std::string> sets = run.policy.sets;
  sets.push_back(fmt::format("scaler.run_by=\"{}\"", stored.details.run_by));
  ScenarioLoad load = load_scenario(TomlDocument::parse(stored.details.scenario_text, name), sets);
  if (!load.ok()) {
    return fail(ErrorKind::configuration,
                "the run's scenario can't be read by this version:\n" + render(load.diagnostics));
  }
  stored.figures.surroundings = surroundings_of(stored, load.scenario);
  load.scenario.cluster =
      in_surroundings(load.scenario.cluster, load.scenario.server, stored.figures.surroundings);
  run.scenario = std::make_shared<const Scenario>(std::move(load.scenario));
  run.scenario_label = stored.summary.scenario;
  run.seed = stored.summary.seed;
  return run;
}

Result<FidelitySide> simulate_again(const PlannedRun& run, const Terminal& terminal) {
  auto recorder = RunRecorder::create("");
  if (!recorder) return tl::unexpected(recorder.error());
  ProgressLine line(terminal.progress);
  auto summary = simulated_run(run, **recorder, [&](TimeNs now) {
    if (!line.due()) return;
    line.show(fmt::format("simulating: {} of {}", format_duration_short(now),
                          format_duration_short(run.scenario->duration)));
  });
  line.clear();
  if (!summary) return tl::unexpected(summary.error());
  if (summary->stopped) return fail(ErrorKind::stopped, "stopped by the user");
  return FidelitySide{.summary = std::move(*summary),
                      .figures = (*recorder)->run_figures(),
                      .series = build_series((*recorder)->rows(), run.scenario->objective,
                                             run.scenario->metrics.scrape_interval)};
}

Result<Fidelity> compare_worlds(const std::string& directory, const Terminal& terminal) {
  auto stored = read_run_directory(directory);
  if (!stored) return tl::unexpected(stored.error());
  auto series = read_series(directory + "/series.csv");
  if (!series) return tl::unexpected(series.error());
  const auto run = plan_again(*stored);
  if (!run) return tl::unexpected(run.error());
  auto simulated = simulate_again(*run, terminal);
  if (!simulated) return tl::unexpected(simulated.error());
  return build_fidelity({.summary = std::move(stored->summary),
                         .figures = std::move(stored->figures),
                         .series = std::move(*series)},
                        std::move(*simulated));
}

}  // namespace

int fidelity(const FidelityOptions& options, const Terminal& terminal) {
  std::error_code error;
  if (!fs::exists(fs::path(options.directory) / "run.json", error)) {
    return tell({ErrorKind::usage, options.directory + " is no results directory of a run"});
  }
  std::vector<Expectation> conditions;
  for (const std::string& text : options.thresholds) {
    auto condition = parse_fidelity_condition(text);
    if (!condition) return tell(condition.error());
    conditions.push_back(std::move(*condition));
  }
  const auto compared = compare_worlds(options.directory, terminal);
  if (!compared) return tell(compared.error());
  if (options.gate) conditions = fidelity_gate(*compared, conditions);
  const auto checks = check_fidelity(*compared, conditions);
  print(options.json ? fidelity_json(*compared, checks).dump() + "\n"
                     : fidelity_text(*compared, checks, terminal.color));
  for (const FidelityCheck& check : checks) {
    if (!check.met) {
      log_error(fmt::format("threshold missed: {} ({})", check.condition, how_missed(check)));
    }
  }
  return all_met(checks) ? 0 : kExitMissed;
}

}  // namespace wsfleet
