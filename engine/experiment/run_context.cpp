// SPDX-License-Identifier: Apache-2.0
#include "engine/experiment/run_context.h"

#include "engine/version.h"

namespace wsfleet {

RunDetails run_details(const Scenario& scenario) {
  return {.version = kVersion,
          .scenario_text = scenario.document.text(),
          .duration = scenario.duration,
          .warmup = scenario.warmup,
          .scrape_interval = scenario.metrics.scrape_interval,
          .objective = scenario.objective,
          .run_by = name_of(scenario.scaler.run_by.value_or(RunBy::autoscaler))};
}

RunContext run_context(const PlannedRun& run, const std::string& backend) {
  RunContext context;
  context.scenario = run.scenario_label;
  context.policy = run.policy.label;
  context.seed = run.seed;
  context.backend = backend;
  context.expectations = run.scenario->expectations;
  context.details = run_details(*run.scenario);
  return context;
}

}  // namespace wsfleet
