// SPDX-License-Identifier: Apache-2.0
// A scenario's settings in a pod template, and the scaler's configuration of a run.
#include "cluster/kubernetes/experiment/changes/adapt_workload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace wsfleet {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

json present_template() {
  return json::parse(R"({
    "metadata": {"labels": {"app.kubernetes.io/name": "websocket"}},
    "spec": {
      "terminationGracePeriodSeconds": 75,
      "containers": [
        {"name": "server", "image": "wsfleet-server:latest",
         "args": ["--admin-listen", "0.0.0.0", "--max-connections", "10", "--drain-over=30s",
                  "--no-ready-when-full", "--log-format", "json"],
         "env": [{"name": "POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
                 {"name": "WSFLEET_REDIS", "value": "redis://redis"},
                 {"name": "WSFLEET_DRAIN_OVER", "value": "1m"}],
         "readinessProbe": {"httpGet": {"path": "/readyz", "port": "http"}, "periodSeconds": 10}},
        {"name": "sidecar", "image": "other"}]}})");
}

LiveSettings scenario_settings() {
  LiveSettings settings;
  settings.server.max_connections = 100;
  settings.server.redis = true;
  settings.server.drain.over = 5 * kSecond;
  settings.server.termination_grace = 20 * kSecond;
  settings.cluster.readiness.initial_delay = kSecond;
  settings.cluster.readiness.period = 500 * kMillisecond;
  settings.cluster.pod.cpu_request = 0.1;
  settings.cluster.pod.cpu_limit = 0.5;
  settings.cluster.pod.memory_limit_bytes = 128 << 20;
  return settings;
}

std::string value_of(const json& container, const std::string& name) {
  for (const json& variable : container["env"]) {
    if (variable["name"] == name) return variable.value("value", "from elsewhere");
  }
  return "absent";
}

TEST(AdaptedTemplate, TheScenariosServerAndNothingElse) {
  const auto adapted = adapted_template(present_template(), scenario_settings());
  ASSERT_TRUE(adapted) << adapted.error().message;
  const json& server = (*adapted)["spec"]["containers"][0];
  EXPECT_EQ(server["args"], json({"--admin-listen", "0.0.0.0", "--log-format", "json"}));
  EXPECT_EQ(value_of(server, "WSFLEET_MAX_CONNECTIONS"), "100");
  EXPECT_EQ(value_of(server, "WSFLEET_DRAIN_OVER"), "5s");
  EXPECT_EQ(value_of(server, "WSFLEET_READY_WHEN_FULL"), "true");
  EXPECT_EQ(value_of(server, "POD_NAME"), "from elsewhere");
  EXPECT_EQ(value_of(server, "WSFLEET_REDIS"), "redis://redis");
  EXPECT_EQ(server["readinessProbe"]["initialDelaySeconds"], 1);
  EXPECT_EQ(server["readinessProbe"]["periodSeconds"], 1);
  EXPECT_EQ(server["readinessProbe"]["httpGet"]["path"], "/readyz");
  EXPECT_EQ(server["resources"]["requests"]["cpu"], "100m");
  EXPECT_EQ(server["resources"]["limits"]["cpu"], "500m");
  EXPECT_EQ(server["resources"]["limits"]["memory"], "134217728");
  EXPECT_EQ(server["image"], "wsfleet-server:latest");
  EXPECT_EQ((*adapted)["spec"]["terminationGracePeriodSeconds"], 22);
  EXPECT_EQ((*adapted)["spec"]["containers"][1], present_template()["spec"]["containers"][1]);
  EXPECT_EQ((*adapted)["metadata"], present_template()["metadata"]);
}

TEST(AdaptedTemplate, WithoutRedisTheServersHaveNone) {
  LiveSettings settings = scenario_settings();
  settings.server.redis = false;
  const auto adapted = adapted_template(present_template(), settings);
  ASSERT_TRUE(adapted);
  EXPECT_EQ(value_of((*adapted)["spec"]["containers"][0], "WSFLEET_REDIS"), "absent");
}

TEST(AdaptedTemplate, RedisThatIsNotThereIsAnError) {
  json template_ = present_template();
  template_["spec"]["containers"][0]["env"] = json::array();
  const auto adapted = adapted_template(template_, scenario_settings());
  ASSERT_FALSE(adapted);
  EXPECT_THAT(adapted.error().message, HasSubstr("WSFLEET_REDIS"));
}

TEST(AdaptedTemplate, NoServerIsAnError) {
  json template_ = present_template();
  template_["spec"]["containers"][0]["name"] = "web";
  const auto adapted = adapted_template(template_, scenario_settings());
  ASSERT_FALSE(adapted);
  EXPECT_THAT(adapted.error().message, HasSubstr("no container 'server'"));
}

TEST(CheckWorkload, APodManagementThatIsNotTheScenariosIsRefusedWithItsRemedy) {
  LiveSettings settings = scenario_settings();
  settings.cluster.pod_management = PodManagement::ordered_ready;
  const json parallel = {{"spec", {{"podManagementPolicy", "Parallel"}}}};
  const json ordered = {{"spec", {{"podManagementPolicy", "OrderedReady"}}}};
  const json silent = {{"spec", json::object()}};  // Kubernetes' default
  EXPECT_TRUE(check_workload(ordered, settings));
  EXPECT_TRUE(check_workload(silent, settings));
  const auto refused = check_workload(parallel, settings);
  ASSERT_FALSE(refused);
  EXPECT_EQ(exit_status(refused.error().kind), 104);
  EXPECT_THAT(refused.error().message,
              AllOf(HasSubstr("cluster.pod_management = \"ordered_ready\""),
                    HasSubstr("podManagementPolicy: Parallel"),
                    HasSubstr("--set cluster.pod_management=parallel")));
  settings.cluster.pod_management = PodManagement::parallel;
  EXPECT_TRUE(check_workload(parallel, settings));
  EXPECT_FALSE(check_workload(ordered, settings));
  EXPECT_FALSE(check_workload(silent, settings));
}

TEST(WithBalancer, TakesThePlaceOfTheOneThatIsNamed) {
  EXPECT_EQ(with_balancer({"--ingress=nginx", "--balancer=ewma", "--x"}, "round_robin"),
            json({"--ingress=nginx", "--x", "--balancer=round_robin"}));
  EXPECT_EQ(with_balancer({"--balancer", "ewma"}, "random"), json::array({"--balancer=random"}));
  EXPECT_EQ(with_balancer(json::array(), "random"), json::array({"--balancer=random"}));
}

TEST(ScalerConfig, KeepsTheTablesOfTheClusterAndTellsTheEpoch) {
  const std::string present =
      "[scaler]\npolicy = \"original\"\n\n[kubernetes]\nepoch = \"2020-01-01T00:00:00Z\"\n"
      "metrics = \"prometheus\"\n\n[kubernetes.more]\nkey = 1\n\n[policy.original]\nx = 1\n";
  const std::string config =
      scaler_config("format = 1\n[scaler]\npolicy = \"hpa\"\n", present, 1'700'000'000 * kSecond);
  EXPECT_EQ(config,
            "format = 1\n[scaler]\npolicy = \"hpa\"\n\n\n[kubernetes]\n"
            "epoch = \"2023-11-14T22:13:20.000Z\"\nmetrics = \"prometheus\"\n\n"
            "[kubernetes.more]\nkey = 1\n\n");
}

TEST(ScalerConfig, WithoutTablesOfTheClusterThereIsOne) {
  const std::string config = scaler_config("format = 1\n", "", 0);
  EXPECT_THAT(config, HasSubstr("[kubernetes]\nepoch = \"1970-01-01T00:00:00.000Z\"\n"));
}

}  // namespace
}  // namespace wsfleet
