// SPDX-License-Identifier: Apache-2.0
// `wsfleet decide`: a policy as a filter, observations in on stdin, decisions out on stdout.
#include "scaler/decide.h"

#include <fmt/format.h>

#include <iostream>

#include "core/live/stop.h"
#include "engine/scenario/find_scenario.h"
#include "engine/verbs/common.h"

namespace wsfleet {
namespace {

// Where no scenario is given: the defaults of every section.
constexpr const char* kDefaults = "format = 1\nname = \"decide\"\nduration = \"1h\"\n";

}  // namespace

int decide(const DecideOptions& options, const Terminal&) {
  Result<std::vector<PolicyChoice>> policies = policies_of(options.policy);
  if (!policies) return tell(policies.error());
  if (policies->size() > 1) return tell({ErrorKind::usage, "'decide' takes one policy"});

  std::vector<std::string> sets = options.sets;
  if (!policies->empty()) {
    const PolicyChoice& choice = policies->front();
    sets.push_back(fmt::format("scaler.policy=\"{}\"", choice.entry->name));
    sets.insert(sets.end(), choice.sets.begin(), choice.sets.end());
  }
  ScenarioLoad load = options.scenario.empty()
                          ? load_scenario(TomlDocument::parse(kDefaults, "defaults"), sets)
                          : load_scenario(find_scenario(options.scenario), sets);
  if (const auto status = tell_problems({{}, load.diagnostics, load.warnings})) return *status;

  const PolicyEntry& entry = *find_policy(load.scenario.scaler.policy);
  if (entry.simulation_only) {
    return tell({ErrorKind::usage,
                 fmt::format("'{}' needs to know the demand to come, which only a simulation does",
                             entry.name)});
  }
  const std::unique_ptr<Policy> policy =
      make_policy(entry, load.scenario.document, policy_context(load.scenario, nullptr));
  const Result<void> decided = decide_stream(std::cin, std::cout, *policy);
  if (stop_requested()) return kExitStopped;
  return decided ? 0 : tell(decided.error());
}

}  // namespace wsfleet
