// SPDX-License-Identifier: Apache-2.0
#pragma once
// The policy `hpa`: Kubernetes' HorizontalPodAutoscaler (autoscaling/v2) on a Pods metric, open
// connections per pod, with an AverageValue target. hpa_calculator.h proposes, hpa_behavior.h
// stabilises and limits; this is what holds the history between. docs/policies/hpa.md.

#include <memory>
#include <optional>

#include "core/toml/toml_reader.h"
#include "scaler/policies/hpa_behavior.h"
#include "scaler/policies/hpa_calculator.h"
#include "scaler/policies/policy.h"

namespace wsfleet {

struct HpaSettings {
  HpaTarget target;
  bool with_behavior = true;  // false: an HPA object without the field `behavior`
  HpaBehavior behavior;
  /// kube-controller-manager's --horizontal-pod-autoscaler-downscale-stabilization: the window
  /// where there is no `behavior`.
  TimeNs downscale_stabilization = 300 * kSecond;
  ReplicaBounds bounds;
};

class HpaPolicy : public Policy {
 public:
  explicit HpaPolicy(HpaSettings settings) : settings_(std::move(settings)) {}

  Decision decide(const Observation& observation) override;
  nlohmann::json state() const override;
  Result<void> restore(const nlohmann::json& state) override;

  const HpaSettings& settings() const { return settings_; }

 private:
  /// An order that the cluster may not have accepted; the next observation tells.
  struct Order {
    TimeNs time = 0;
    int from = 0;
    int to = 0;
  };

  void settle_last_order(int replicas);
  LimitedReplicas normalize(TimeNs now, int current, int proposed);
  Decision order(TimeNs now, int current, int replicas, std::string reason);
  TimeNs longest_window() const;

  HpaSettings settings_;
  ScaleHistory history_;
  std::optional<Order> last_order_;
};

std::unique_ptr<Policy> make_hpa(TomlTable policy_table, const PolicyContext& context);
/// The same, with what it read within reach.
HpaSettings read_hpa_settings(TomlTable policy_table, const PolicyContext& context);

}  // namespace wsfleet
