// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a run's results say of the run itself, whatever world it was in. Pure.

#include "engine/experiment/plan.h"
#include "results/summary/finish_run.h"

namespace wsfleet {

RunDetails run_details(const Scenario& scenario);
RunContext run_context(const PlannedRun& run, const std::string& backend);

}  // namespace wsfleet
