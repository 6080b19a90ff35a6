// SPDX-License-Identifier: Apache-2.0
// Reads `[policy.hpa]`. The limits are those of Kubernetes' API validation, so that what runs here
// can be written down as an HPA object (pkg/apis/autoscaling/validation).
#include <cmath>
#include <initializer_list>

#include "scaler/policies/hpa.h"

namespace wsfleet {
namespace {

constexpr TimeNs kLongestWindow = 3600 * kSecond;  // stabilizationWindowSeconds
constexpr TimeNs kLongestPeriod = 1800 * kSecond;  // periodSeconds

std::vector<ScalingPolicy> read_policies(TomlTable& rules, std::vector<ScalingPolicy> fallback) {
  using Type = ScalingPolicy::Type;
  std::vector<TomlTable> tables = rules.tables("policies");
  if (!rules.has("policies")) return fallback;
  std::vector<ScalingPolicy> policies;
  for (TomlTable& table : tables) {
    for (const char* key : {"type", "value", "period"}) {
      if (!table.has(key)) table.error("", "a scaling policy needs '" + std::string(key) + "'");
    }
    ScalingPolicy policy;
    policy.type =
        table.choice("type", Type::pods, {{"pods", Type::pods}, {"percent", Type::percent}});
    policy.value = static_cast<int>(table.integer("value", 1, {.min = 1, .max = 1'000'000}));
    policy.period = table.duration("period", 15 * kSecond, {.min = kSecond, .max = kLongestPeriod});
    table.finish();
    policies.push_back(policy);
  }
  if (policies.empty()) {
    rules.error("policies", "'policies' needs at least one entry",
                "select_policy = \"disabled\" switches a direction off");
    return fallback;
  }
  return policies;
}

ScalingRules read_rules(TomlTable rules, ScalingRules defaults, double& tolerance) {
  defaults.stabilization_window = rules.duration(
      "stabilization_window", defaults.stabilization_window, {.min = 0, .max = kLongestWindow});
  defaults.select_policy = rules.choice("select_policy", defaults.select_policy,
                                        {{"max", SelectPolicy::max},
                                         {"min", SelectPolicy::min},
                                         {"disabled", SelectPolicy::disabled}});
  tolerance = rules.number("tolerance", tolerance, {.min = 0, .max = 1});
  defaults.policies = read_policies(rules, std::move(defaults.policies));
  rules.finish();
  return defaults;
}

}  // namespace

HpaSettings read_hpa_settings(TomlTable policy_table, const PolicyContext& context) {
  HpaSettings settings;
  settings.bounds = {context.min_replicas, context.max_replicas};
  const double target = policy_table.number("target_connections", context.connections_per_pod,
                                            {.min = 0.001, .max = 1e9});
  settings.target.milli_connections = static_cast<std::int64_t>(std::llround(target * 1000));
  const double tolerance = policy_table.number("tolerance", 0.1, {.min = 0, .max = 1});
  settings.target.tolerance_up = tolerance;
  settings.target.tolerance_down = tolerance;
  settings.with_behavior = policy_table.boolean("behavior", true);
  settings.downscale_stabilization = policy_table.duration("downscale_stabilization", 300 * kSecond,
                                                           {.min = 0, .max = kLongestWindow});
  if (!settings.with_behavior) {
    for (const char* key : {"scale_up", "scale_down"}) {
      if (!policy_table.has(key)) continue;
      policy_table.error(key, "'" + std::string(key) + "' has no effect with behavior = false",
                         "leave one of them out");
    }
  }
  HpaBehavior defaults;
  defaults.scale_down.stabilization_window = settings.downscale_stabilization;
  settings.behavior.scale_up =
      read_rules(policy_table.table("scale_up"), defaults.scale_up, settings.target.tolerance_up);
  settings.behavior.scale_down = read_rules(policy_table.table("scale_down"), defaults.scale_down,
                                            settings.target.tolerance_down);
  policy_table.finish();
  return settings;
}

std::unique_ptr<Policy> make_hpa(TomlTable policy_table, const PolicyContext& context) {
  return std::make_unique<HpaPolicy>(read_hpa_settings(std::move(policy_table), context));
}

}  // namespace wsfleet
