// SPDX-License-Identifier: Apache-2.0
#include "engine/experiment/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "engine/scenario/find_scenario.h"
#include "engine/scenario/scenario_checks.h"

namespace wsfleet {
namespace {

void add_new(std::vector<Diagnostic>& all, const std::vector<Diagnostic>& found) {
  for (const Diagnostic& diagnostic : found) {
    const std::string text = render(diagnostic);
    const bool known = std::any_of(all.begin(), all.end(),
                                   [&](const Diagnostic& other) { return render(other) == text; });
    if (!known) all.push_back(diagnostic);
  }
}

void add_new(Warnings& all, const Warnings& found) {
  for (const std::string& warning : found) {
    if (std::find(all.begin(), all.end(), warning) == all.end()) all.push_back(warning);
  }
}

/// A name that was not found may be a misspelt one of a bundled scenario.
void suggest_bundled(const std::string& name, std::vector<Diagnostic>& diagnostics) {
  std::error_code error;
  if (diagnostics.size() != 1 || std::filesystem::exists(name, error)) return;
  const auto near = closest_match(name, bundled_scenarios());
  if (near) diagnostics.front().hint += "; did you mean '" + *near + "'?";
}

std::vector<std::string> overrides(const PlanRequest& request, const Variant& variant,
                                   const PolicyChoice* policy) {
  std::vector<std::string> sets = request.sets;
  if (policy != nullptr) {
    sets.push_back(fmt::format("scaler.policy=\"{}\"", policy->entry->name));
    sets.insert(sets.end(), policy->sets.begin(), policy->sets.end());
  }
  sets.insert(sets.end(), variant.sets.begin(), variant.sets.end());
  if (request.seed) sets.push_back(fmt::format("seed={}", *request.seed));
  return sets;
}

void plan_policy(const PlanRequest& request, const std::string& path, const Variant& variant,
                 const PolicyChoice* policy, Plan& plan) {
  ScenarioLoad load = load_scenario(path, overrides(request, variant, policy));
  if (!load.ok()) suggest_bundled(path, load.diagnostics);
  if (load.ok()) {
    check_backend(load.scenario, request.backend);
    load.diagnostics = load.scenario.document.diagnostics();
  }
  add_new(plan.diagnostics, load.diagnostics);
  add_new(plan.warnings, load.warnings);
  if (!load.ok()) return;

  ScalerSettings& scaler = load.scenario.scaler;
  if (!scaler.run_by) scaler.run_by = default_run_by(request.backend != "simulated");

  PlannedRun run;
  run.scenario = std::make_shared<const Scenario>(std::move(load.scenario));
  run.scenario_label = run.scenario->name;
  if (!variant.label.empty()) run.scenario_label += " " + variant.label;
  if (policy != nullptr) {
    run.policy = *policy;
  } else {
    const PolicyEntry* entry = find_policy(run.scenario->scaler.policy);
    run.policy = {std::string(entry->name), entry, {}};
  }
  for (int i = 0; i < request.seeds; ++i) {
    run.seed = run.scenario->seed + static_cast<std::uint64_t>(i);
    plan.runs.push_back(run);
  }
}

}  // namespace

Plan plan_runs(const PlanRequest& request) {
  Plan plan;
  for (const std::string& scenario : request.scenarios) {
    const std::string path = find_scenario(scenario);
    for (const Variant& variant : request.variants) {
      if (request.policies.empty()) plan_policy(request, path, variant, nullptr, plan);
      for (const PolicyChoice& policy : request.policies) {
        plan_policy(request, path, variant, &policy, plan);
      }
    }
  }
  return plan;
}

}  // namespace wsfleet
