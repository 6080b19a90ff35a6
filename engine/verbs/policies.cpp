// SPDX-License-Identifier: Apache-2.0
// `wsfleet policies`: the table of policies, with the keys that each one reads.
#include "scaler/policies/policies.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "core/toml/toml_reader.h"
#include "engine/verbs/common.h"

namespace wsfleet {
namespace {

/// Below [policy.<name>]: what the policy asked for when it was made from nothing.
std::vector<std::string> keys_of(const PolicyEntry& entry) {
  TomlDocument document = TomlDocument::parse("format = 1", "defaults");
  make_policy(entry, document, {});
  const std::string prefix = fmt::format("policy.{}.", entry.name);
  std::vector<std::string> keys;
  for (const std::string& key : document.known_keys()) {
    if (key.starts_with(prefix)) keys.push_back(key.substr(prefix.size()));
  }
  return keys;
}

std::string as_json() {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const PolicyEntry& entry : policies()) {
    list.push_back({{"name", entry.name},
                    {"summary", entry.summary},
                    {"interval_s", to_seconds(entry.default_interval)},
                    {"simulation_only", entry.simulation_only},
                    {"keys", keys_of(entry)}});
  }
  return nlohmann::ordered_json{{"format", 1}, {"policies", list}}.dump() + "\n";
}

std::string as_text() {
  std::string text;
  for (const PolicyEntry& entry : policies()) {
    text += fmt::format("{:<10} {}\n", entry.name, entry.summary);
    text += fmt::format(
        "{:<10} every {}{}; keys: {}\n", "", format_duration(entry.default_interval),
        entry.simulation_only ? ", in simulation only" : "", fmt::join(keys_of(entry), ", "));
  }
  return text;
}

}  // namespace

int list_policies(const PoliciesOptions& options, const Terminal&) {
  print(options.json ? as_json() : as_text());
  return 0;
}

}  // namespace wsfleet
