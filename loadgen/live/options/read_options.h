// SPDX-License-Identifier: Apache-2.0
#pragma once
// Turns the words of a command line into LoadOptions. Pure.

#include <string>
#include <vector>

#include "loadgen/live/options/load_options.h"
#include "loadgen/live/options/option_words.h"
#include "loadgen/live/options/scenario_workload.h"

namespace wsfleet {

/// `scenario` is null without --scenario; `balancers` are the names that --balancer takes. Look at
/// words.mistakes before using the answer.
LoadOptions read_load_options(OptionWords& words, const std::vector<std::string>& targets,
                              const ScenarioWorkload* scenario,
                              const std::vector<std::string>& balancers);
/// What `merge` takes as well: the outputs and the thresholds.
void read_outputs(OptionWords& words, LoadOptions& options);

}  // namespace wsfleet
