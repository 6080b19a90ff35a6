// SPDX-License-Identifier: Apache-2.0
#pragma once
// The policy `fixed`: always the same number of replicas. The reference that autoscaling has to
// beat, and the way to size a fleet by hand. docs/policies/fixed.md. Stateless.

#include <memory>

#include "core/toml/toml_reader.h"
#include "scaler/policies/policy.h"

namespace wsfleet {

class FixedPolicy : public Policy {
 public:
  explicit FixedPolicy(int replicas) : replicas_(replicas) {}

  Decision decide(const Observation& observation) override;
  nlohmann::json state() const override;
  Result<void> restore(const nlohmann::json& state) override;

 private:
  int replicas_;
};

std::unique_ptr<Policy> make_fixed(TomlTable policy_table, const PolicyContext& context);

}  // namespace wsfleet
