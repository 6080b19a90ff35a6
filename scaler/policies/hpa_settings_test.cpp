// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "scaler/policies/hpa.h"

namespace wsfleet {
namespace {

const PolicyContext kContext{.min_replicas = 2,
                             .max_replicas = 40,
                             .server_max_connections = 1000,
                             .connections_per_pod = 800,
                             .demand_per_second = nullptr,
                             .initial_replicas = 0};

HpaSettings read(TomlDocument& document) {
  return read_hpa_settings(document.root().table("policy").table("hpa"), kContext);
}

HpaSettings read_ok(const std::string& text) {
  TomlDocument document = TomlDocument::parse(text, "test.toml");
  const HpaSettings settings = read(document);
  EXPECT_EQ(render(document.diagnostics()), "");
  return settings;
}

std::string mistakes(const std::string& text) {
  TomlDocument document = TomlDocument::parse(text, "test.toml");
  read(document);
  return render(document.diagnostics());
}

TEST(HpaSettings, DefaultsAreThoseOfKubernetes) {
  const HpaSettings settings = read_ok("format = 1");
  EXPECT_EQ(settings.target.milli_connections, 800'000);
  EXPECT_EQ(settings.target.tolerance_up, 0.1);
  EXPECT_EQ(settings.target.tolerance_down, 0.1);
  EXPECT_TRUE(settings.with_behavior);
  EXPECT_EQ(settings.bounds.min, 2);
  EXPECT_EQ(settings.bounds.max, 40);
  const ScalingRules& up = settings.behavior.scale_up;
  EXPECT_EQ(up.stabilization_window, 0);
  EXPECT_EQ(up.select_policy, SelectPolicy::max);
  ASSERT_EQ(up.policies.size(), 2u);
  EXPECT_EQ(up.policies[0].value, 4);
  EXPECT_EQ(up.policies[1].value, 100);
  EXPECT_EQ(up.policies[1].period, 15 * kSecond);
  const ScalingRules& down = settings.behavior.scale_down;
  EXPECT_EQ(down.stabilization_window, 300 * kSecond);
  ASSERT_EQ(down.policies.size(), 1u);
  EXPECT_EQ(down.policies[0].type, ScalingPolicy::Type::percent);
  EXPECT_EQ(down.policies[0].value, 100);
}

TEST(HpaSettings, ReadsEveryKey) {
  const HpaSettings settings = read_ok(R"(
[policy.hpa]
target_connections = 500
tolerance = 0.05
downscale_stabilization = "2m"
[policy.hpa.scale_up]
stabilization_window = "30s"
select_policy = "min"
tolerance = 0
policies = [{ type = "pods", value = 10, period = "60s" },
            { type = "percent", value = 50, period = "30s" }]
[policy.hpa.scale_down]
select_policy = "disabled"
)");
  EXPECT_EQ(settings.target.milli_connections, 500'000);
  EXPECT_EQ(settings.target.tolerance_up, 0);
  EXPECT_EQ(settings.target.tolerance_down, 0.05);
  EXPECT_EQ(settings.behavior.scale_up.stabilization_window, 30 * kSecond);
  EXPECT_EQ(settings.behavior.scale_up.select_policy, SelectPolicy::min);
  ASSERT_EQ(settings.behavior.scale_up.policies.size(), 2u);
  EXPECT_EQ(settings.behavior.scale_up.policies[0].value, 10);
  EXPECT_EQ(settings.behavior.scale_up.policies[0].period, kMinute);
  EXPECT_EQ(settings.behavior.scale_up.policies[1].type, ScalingPolicy::Type::percent);
  EXPECT_EQ(settings.behavior.scale_down.select_policy, SelectPolicy::disabled);
  // The controller's window is the default of scale_down's.
  EXPECT_EQ(settings.behavior.scale_down.stabilization_window, 2 * kMinute);
}

TEST(HpaSettings, BehaviorCanBeLeftOut) {
  const HpaSettings settings = read_ok("[policy.hpa]\nbehavior = false\n");
  EXPECT_FALSE(settings.with_behavior);
  EXPECT_EQ(settings.downscale_stabilization, 300 * kSecond);
}

TEST(HpaSettings, RulesWithoutBehaviorAreAMistake) {
  EXPECT_NE(mistakes("[policy.hpa]\nbehavior = false\nscale_up = { select_policy = \"min\" }\n")
                .find("'scale_up' has no effect with behavior = false"),
            std::string::npos);
}

TEST(HpaSettings, AllMistakesAreToldAtOnce) {
  const std::string text = mistakes(R"(
[policy.hpa]
target_connections = 0
tolerence = 0.1
[policy.hpa.scale_up]
select_policy = "most"
policies = []
[policy.hpa.scale_down]
stabilization_window = "2h"
policies = [{ type = "pod", value = 0 }]
)");
  EXPECT_NE(text.find("'policy.hpa.target_connections' must be at least 0.001"), std::string::npos);
  EXPECT_NE(text.find("did you mean 'tolerance'?"), std::string::npos);
  EXPECT_NE(text.find("'policy.hpa.scale_up.select_policy' must be one of"), std::string::npos);
  EXPECT_NE(text.find("'policies' needs at least one entry"), std::string::npos);
  EXPECT_NE(text.find("'policy.hpa.scale_down.stabilization_window' must be at most 1h"),
            std::string::npos);
  EXPECT_NE(text.find("did you mean 'pods'?"), std::string::npos);
  EXPECT_NE(text.find("value' must be at least 1"), std::string::npos);
  EXPECT_NE(text.find("needs 'period'"), std::string::npos);
}

}  // namespace
}  // namespace wsfleet
