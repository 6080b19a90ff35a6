// SPDX-License-Identifier: Apache-2.0
#pragma once
// The policy `oracle`: knows the demand of the whole run beforehand and orders the most of it that
// the next `lead_time` will see. The bound that the others are measured against: cost at next to no
// refusals, not connections cut. Simulation only. docs/policies/oracle.md. Stateless.

#include <memory>
#include <vector>

#include "core/time.h"
#include "core/toml/toml_reader.h"
#include "scaler/policies/policy.h"

namespace wsfleet {

struct OracleSettings {
  TimeNs lead_time = 60 * kSecond;  // covers a pod's start, image pull and first readiness probe
  int min_replicas = 1;
  int max_replicas = 10;
  const std::vector<int>* demand_per_second = nullptr;  // d(0), d(1), ...; outlives the policy
};

class OraclePolicy : public Policy {
 public:
  explicit OraclePolicy(OracleSettings settings) : settings_(settings) {}

  /// Holds where the demand is not known (outside simulation).
  Decision decide(const Observation& observation) override;
  nlohmann::json state() const override;
  Result<void> restore(const nlohmann::json& state) override;

 private:
  OracleSettings settings_;
};

std::unique_ptr<Policy> make_oracle(TomlTable policy_table, const PolicyContext& context);

}  // namespace wsfleet
