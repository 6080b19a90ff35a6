// SPDX-License-Identifier: Apache-2.0
#include "scaler/policies/fixed.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "scaler/policies/state_json.h"

namespace wsfleet {

Decision FixedPolicy::decide(const Observation& observation) {
  Decision decision;
  if (observation.replicas == replicas_) {
    decision.reason = fmt::format("{} replicas, as fixed", replicas_);
    return decision;
  }
  decision.replicas = replicas_;
  decision.reason = fmt::format("{} replicas where {} are fixed", observation.replicas, replicas_);
  return decision;
}

nlohmann::json FixedPolicy::state() const { return nlohmann::json::object(); }

Result<void> FixedPolicy::restore(const nlohmann::json& state) {
  return read_state("fixed", state, [](const nlohmann::json&) {});
}

std::unique_ptr<Policy> make_fixed(TomlTable policy_table, const PolicyContext& context) {
  const int initial =
      context.initial_replicas > 0 ? context.initial_replicas : context.min_replicas;
  const auto replicas = policy_table.integer(
      "replicas", initial, {.min = context.min_replicas, .max = context.max_replicas});
  policy_table.finish();
  return std::make_unique<FixedPolicy>(static_cast<int>(replicas));
}

}  // namespace wsfleet
