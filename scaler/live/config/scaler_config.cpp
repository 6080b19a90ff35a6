// SPDX-License-Identifier: Apache-2.0
#include "scaler/live/config/scaler_config.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "core/toml/scenario_format.h"
#include "scaler/live/config/kubernetes_section.h"
#include "scaler/policy_setup.h"
#include "scaler/scaler_section.h"

namespace wsfleet {
namespace {

using nlohmann::json;

/// A table's values, whatever its keys are. Each type is tried; what the reader says of the wrong
/// ones stays in the diagnostics of `scratch`, which nobody reads.
json values_of(const TomlDocument& scratch, TomlTable table) {
  json values = json::object();
  const auto reads = [&scratch](auto read) {
    const std::size_t before = scratch.diagnostics().size();
    json value = read();
    return scratch.diagnostics().size() == before ? std::optional<json>(std::move(value))
                                                  : std::nullopt;
  };
  for (const std::string& key : table.keys()) {
    std::optional<json> value = reads([&]() -> json { return table.integer(key, 0); });
    if (!value) value = reads([&]() -> json { return table.number(key, 0); });
    if (!value) value = reads([&]() -> json { return table.boolean(key, false); });
    if (!value) value = reads([&]() -> json { return table.string(key, ""); });
    if (!value) value = reads([&]() -> json { return table.numbers(key); });
    if (!value) {
      value = reads([&]() -> json {
        const TomlTable inner = table.table(key);
        return inner.keys();
      });
      if (value) value = values_of(scratch, table.table(key));
    }
    if (!value) {
      json list = json::array();
      for (const TomlTable& inner : table.tables(key)) list.push_back(values_of(scratch, inner));
      value = std::move(list);
    }
    values[key] = std::move(*value);
  }
  return values;
}

/// FNV-1a, 64 bits: tells settings apart, guards nothing.
std::string hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3ULL;
  }
  return fmt::format("{:016x}", hash);
}

std::string settings_hash(const ScalerConfig& config) {
  TomlDocument scratch = TomlDocument::parse(config.document.text(), config.document.name());
  TomlTable policy = scratch.root().table("policy").table(config.policy->name);
  const json settings = {{"policy", std::string(config.policy->name)},
                         {"settings", values_of(scratch, policy)},
                         {"interval_ns", config.interval},
                         {"min_replicas", config.context.min_replicas},
                         {"max_replicas", config.context.max_replicas},
                         {"initial_replicas", config.context.initial_replicas},
                         {"max_connections", config.context.server_max_connections},
                         {"connections_per_pod", config.context.connections_per_pod}};
  return hash_of(settings.dump());
}

void read_policy(TomlTable& root, const ForeignSections& foreign, ScalerConfig& config) {
  config.scaler = read_scaler(root.table("scaler"));
  config.run_by = config.scaler.run_by.value_or(config.run_by);
  const std::int64_t max_connections = foreign.max_connections(root.table("server"));
  const int connections_per_pod = foreign.connections_per_pod(
      root.table("objective"), max_connections, config.scaler.min_replicas);
  config.context = policy_context(config.scaler, max_connections, connections_per_pod);
  check_policy_tables(config.document, config.context);
  config.policy = find_policy(config.scaler.policy);
  if (config.policy == nullptr) return;  // it has been told
  if (config.policy->simulation_only) {
    TomlTable scaler = root.table("scaler");
    scaler.error("policy", fmt::format("the policy '{}' knows the future and so only runs in "
                                       "simulation",
                                       config.policy->name));
  }
  config.interval = effective_interval(config.scaler, *config.policy);
}

}  // namespace

std::unique_ptr<Policy> ScalerConfig::make_policy() const {
  TomlDocument copy = document;
  return wsfleet::make_policy(*policy, copy, context);
}

ScalerConfigLoad load_scaler_config(const std::string& path, const ForeignSections& foreign,
                                    const Variables& variable) {
  return read_scaler_config(TomlDocument::load(path), foreign, variable);
}

ScalerConfigLoad read_scaler_config(TomlDocument document, const ForeignSections& foreign,
                                    const Variables& variable) {
  ScalerConfigLoad load;
  load.config.document = document;
  load.diagnostics = document.diagnostics();
  if (!load.diagnostics.empty()) return load;  // it could not be read or parsed
  TomlTable root = document.root();
  if (check_format(root)) {
    read_policy(root, foreign, load.config);
    load.config.kubernetes = read_kubernetes(root.table("kubernetes"), variable);
    finish_scenario(root);
  }
  load.diagnostics = document.diagnostics();
  if (load.diagnostics.empty()) load.config.settings_hash = settings_hash(load.config);
  return load;
}

}  // namespace wsfleet
