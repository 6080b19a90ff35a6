// SPDX-License-Identifier: Apache-2.0
#include "engine/scenario/scenario.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "cluster/cluster_section.h"
#include "cluster/fault_section.h"
#include "core/toml/scenario_format.h"
#include "engine/scenario/scenario_checks.h"
#include "loadgen/workload_section.h"
#include "results/objective/objective_section.h"
#include "scaler/policies/policies.h"
#include "scaler/policy_setup.h"
#include "scaler/scaler_section.h"
#include "server/server_section.h"

namespace wsfleet {
namespace {

bool is_name(const std::string& name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  return !name.empty() && name.front() != '-' && std::all_of(name.begin(), name.end(), fits);
}

std::string directory_of(const std::string& path) {
  return std::filesystem::path(path).parent_path().string();
}

void read_top_level(TomlTable& root, Scenario& scenario) {
  scenario.name = root.required_string("name");
  if (root.has("name") && !is_name(scenario.name)) {
    root.error("name", fmt::format("'{}' can't be a scenario's name", scenario.name),
               "use small letters, digits, '-' and '_', as in flash-crowd");
  }
  scenario.description = root.string("description", "");
  scenario.duration = root.required_duration("duration", {.min = 0, .exclusive_min = true});
  if (scenario.duration % kSecond != 0) {
    root.error("duration", "'duration' must be a whole number of seconds");
  }
  scenario.warmup = root.duration("warmup", 0);
  if (scenario.warmup >= scenario.duration) {
    root.error("warmup", fmt::format("'warmup' must be shorter than the duration of {}",
                                     format_duration(scenario.duration)));
  }
  scenario.seed = static_cast<std::uint64_t>(root.integer("seed", 1, {.min = 0}));
  scenario.start_steady = root.choice<bool>("start", false, {{"empty", false}, {"steady", true}});
}

void read_sections(TomlTable& root, bool times_known, Scenario& scenario) {
  scenario.workload = read_workload(root.table("workload"), directory_of(scenario.path));
  scenario.server = read_server(root.table("server"));
  scenario.cluster = read_cluster(root.table("cluster"));
  scenario.metrics = read_metrics(root.table("metrics"));
  scenario.scaler = read_scaler(root.table("scaler"));
  scenario.objective =
      read_objective(root.table("objective"), {.max_connections = scenario.server.max_connections,
                                               .min_replicas = scenario.scaler.min_replicas,
                                               .cores_per_pod = scenario.cluster.pod.cpu_limit});
  const std::size_t mistakes = scenario.document.diagnostics().size();
  scenario.faults = read_faults(root);
  const bool faults_well_formed = scenario.document.diagnostics().size() == mistakes;
  if (times_known && faults_well_formed) check_fault_times(scenario);
  if (faults_well_formed) check_redis_and_rooms(scenario);
  scenario.expectations = read_expectations(root.table("expect"));
  check_policy_tables(scenario.document, policy_context(scenario, nullptr));
}

}  // namespace

ScenarioLoad load_scenario(const std::string& path, const std::vector<std::string>& sets) {
  return load_scenario(TomlDocument::load(path), sets);
}

ScenarioLoad load_scenario(TomlDocument document, const std::vector<std::string>& sets) {
  ScenarioLoad load;
  Scenario& scenario = load.scenario;
  scenario.path = document.name();
  load.diagnostics = document.diagnostics();
  if (!load.ok()) return load;  // it could not be read or parsed: the rest would be noise

  for (const std::string& set : sets) document.set(set);
  scenario.document = document;
  TomlTable root = document.root();
  if (check_format(root)) {
    read_top_level(root, scenario);
    const bool times_known = document.diagnostics().empty();
    read_sections(root, times_known, scenario);
    finish_scenario(root);
  }
  load.diagnostics = document.diagnostics();
  if (load.ok()) load.warnings = warnings_of(scenario);
  return load;
}

PolicyContext policy_context(const Scenario& scenario, const std::vector<int>* demand) {
  PolicyContext context = policy_context(scenario.scaler, scenario.server.max_connections,
                                         scenario.objective.connections_per_pod);
  context.demand_per_second = demand;
  return context;
}

RunDescription run_description(const Scenario& scenario, std::uint64_t seed) {
  return {.seed = seed,
          .duration = scenario.duration,
          .warmup = scenario.warmup,
          .start_steady = scenario.start_steady,
          .initial_replicas = scenario.scaler.initial(),
          .workload = scenario.workload,
          .server = scenario.server,
          .cluster = scenario.cluster,
          .metrics = scenario.metrics,
          .objective = scenario.objective};
}

}  // namespace wsfleet
