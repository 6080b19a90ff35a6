// SPDX-License-Identifier: Apache-2.0
#include "loadgen/live/options/scenario_workload.h"

#include <filesystem>

#include "core/toml/scenario_format.h"
#include "loadgen/workload_section.h"

namespace wsfleet {
namespace {

void read(TomlTable root, const std::string& directory, ScenarioWorkload& scenario) {
  if (!check_format(root)) return;
  scenario.name = root.string("name", "");
  scenario.duration = root.required_duration("duration", {.min = 0, .exclusive_min = true});
  scenario.warmup = root.duration("warmup", 0);
  scenario.seed = static_cast<std::uint64_t>(root.integer("seed", 1, {.min = 0}));
  scenario.start_steady = root.choice<bool>("start", false, {{"empty", false}, {"steady", true}});
  scenario.workload = read_workload(root.table("workload"), directory);
  TomlTable server = root.table("server");
  scenario.broadcast = server.choice<bool>("mode", false, {{"broadcast", true}, {"echo", false}});
  if (scenario.broadcast && scenario.workload.rooms < 1) {
    server.error("mode", "'server.mode' is \"broadcast\", but 'workload.session.rooms' is 0",
                 "set [workload.session] rooms to how many rooms the sessions share, at least 1");
  }
  finish_scenario(root);
}

}  // namespace

ScenarioWorkload read_scenario_workload(const std::string& path,
                                        const std::vector<std::string>& sets) {
  return read_scenario_workload(TomlDocument::load(path), sets);
}

ScenarioWorkload read_scenario_workload(TomlDocument document,
                                        const std::vector<std::string>& sets) {
  ScenarioWorkload scenario;
  scenario.diagnostics = document.diagnostics();
  if (!scenario.diagnostics.empty()) return scenario;  // the rest would be noise
  for (const std::string& set : sets) document.set(set);
  const std::string directory = std::filesystem::path(document.name()).parent_path().string();
  read(document.root(), directory, scenario);
  scenario.diagnostics = document.diagnostics();
  return scenario;
}

}  // namespace wsfleet
