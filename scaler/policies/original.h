// SPDX-License-Identifier: Apache-2.0
#pragma once
// The policy `original`: the rule of the "WebSocket Horizontal Scaling Architecture" demonstration
// to the letter, its defects included, as the baseline that others are compared with. It looks at
// pods by ordinal and reads a missing sample as zero. docs/policies/original.md. Stateless.

#include <memory>

#include "core/toml/toml_reader.h"
#include "scaler/policies/policy.h"

namespace wsfleet {

struct OriginalSettings {
  double max_connections = 10;
  int min_replicas = 1;
  int max_replicas = 10;
};

class OriginalPolicy : public Policy {
 public:
  explicit OriginalPolicy(OriginalSettings settings) : settings_(settings) {}

  Decision decide(const Observation& observation) override;
  nlohmann::json state() const override;
  Result<void> restore(const nlohmann::json& state) override;

 private:
  OriginalSettings settings_;
};

std::unique_ptr<Policy> make_original(TomlTable policy_table, const PolicyContext& context);

}  // namespace wsfleet
