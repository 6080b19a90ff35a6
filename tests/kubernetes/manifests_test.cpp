// SPDX-License-Identifier: Apache-2.0
// What kubectl makes of the manifests: the same as the golden files, with the names that the code
// uses, and with what every pod of ours has to have. To renew a golden file:
//   kubectl kustomize cluster/kubernetes/manifests/test > tests/kubernetes/golden/test.yaml
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "cluster/kubernetes/fleet/names.h"
#include "tests/kubernetes/rendered.h"

namespace wsfleet {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::IsEmpty;
using testing::Not;

const json& at(const Objects& objects, const std::string& key) {
  static const json kNothing = json::object();
  const auto found = objects.find(key);
  EXPECT_NE(found, objects.end()) << key << " is not there";
  return found == objects.end() ? kNothing : found->second;
}

std::string key_of(const char* kind, const char* name) { return std::string(kind) + "/" + name; }

json labels_of(const std::string& selector) {
  const std::size_t equals = selector.find('=');
  return {{selector.substr(0, equals), selector.substr(equals + 1)}};
}

const json& named(const json& list, const std::string& name) {
  static const json kNothing = json::object();
  for (const json& item : list) {
    if (item.value("name", "") == name) return item;
  }
  ADD_FAILURE() << "no " << name << " in " << list.dump();
  return kNothing;
}

bool has_pods(const json& object) {
  return object.value("/spec/template/spec"_json_pointer, json()) != json();
}

/// Of an overlay that has all parts.
class Overlay : public testing::TestWithParam<const char*> {
 protected:
  const Objects& objects() {
    if (objects_.empty()) objects_ = objects_of(render(GetParam()));
    return objects_;
  }

 private:
  Objects objects_;
};

class Rendered : public Overlay {};

TEST_P(Rendered, IsAsTheGoldenFileSays) {
  const std::string golden = std::string("tests/kubernetes/golden/") + GetParam() + ".yaml";
  const Objects expected = objects_of(source_text(golden));
  std::set<std::string> keys;
  for (const auto& [key, object] : expected) keys.insert(key);
  for (const auto& [key, object] : objects()) keys.insert(key);
  EXPECT_GT(keys.size(), 2U);
  for (const std::string& key : keys) {
    EXPECT_EQ(at(objects(), key).dump(1), at(expected, key).dump(1)) << golden << ": " << key;
  }
}

TEST_P(Rendered, EveryObjectSaysWhatItBelongsTo) {
  for (const auto& [key, object] : objects()) {
    const json labels = object.at("metadata").value("labels", json::object());
    EXPECT_EQ(labels.value("app.kubernetes.io/part-of", ""), "wsfleet") << key;
    EXPECT_NE(labels.value("app.kubernetes.io/name", ""), "") << key;
    if (GetParam() != std::string("base")) {
      EXPECT_EQ(object.at("metadata").value("namespace", ""), "wsfleet") << key;
    }
  }
}

TEST_P(Rendered, NoPodHasMoreRightsThanItNeeds) {
  for (const auto& [key, object] : objects()) {
    if (!has_pods(object)) continue;
    const json& spec = object.at("spec").at("template").at("spec");
    EXPECT_EQ(spec.at("securityContext").at("runAsNonRoot"), true) << key;
    EXPECT_EQ(spec.at("securityContext").at("seccompProfile").at("type"), "RuntimeDefault") << key;
    EXPECT_TRUE(spec.contains("serviceAccountName") ||
                !spec.value("automountServiceAccountToken", true))
        << key;
    for (const json& container : spec.at("containers")) {
      const json& context = container.at("securityContext");
      EXPECT_EQ(context.at("allowPrivilegeEscalation"), false) << key;
      EXPECT_EQ(context.at("readOnlyRootFilesystem"), true) << key;
      EXPECT_EQ(context.at("capabilities"), json({{"drop", {"ALL"}}})) << key;
      EXPECT_TRUE(container.at("resources").contains("requests")) << key;
    }
  }
}

TEST_P(Rendered, NoRoleReachesSecrets) {
  for (const auto& [key, object] : objects()) {
    if (object.at("kind") != "Role") continue;
    for (const json& rule : object.at("rules")) {
      EXPECT_THAT(rule.at("resources"), Not(Contains("secrets"))) << key;
      EXPECT_THAT(rule.at("resources"), Not(Contains("*"))) << key;
      EXPECT_THAT(rule.at("verbs"), Not(Contains("*"))) << key;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Manifests, Rendered,
                         testing::Values("base", "minikube", "monitoring", "test"),
                         [](const auto& overlay) { return std::string(overlay.param); });

TEST_P(Overlay, TheServersHaveTheNamesOfTheCode) {
  const json& server = at(objects(), key_of("StatefulSet", kWorkloadName));
  EXPECT_FALSE(server.at("spec").contains("replicas")) << "they are the scaler's";
  EXPECT_EQ(server.at("spec").at("selector").at("matchLabels"), labels_of(kServerSelector));
  const json& pod = server.at("spec").at("template").at("spec");
  const json& container = named(pod.at("containers"), kServerContainer);
  EXPECT_EQ(named(container.at("ports"), "http").at("containerPort"), kServerPort);
  EXPECT_EQ(named(container.at("ports"), "admin").at("containerPort"), kAdminPort);
  EXPECT_EQ(pod.at("volumes").at(0).at("secret").at("secretName"), kAdminSecret);
  EXPECT_EQ(named(container.at("env"), "WSFLEET_REDIS_PASSWORD").at("valueFrom").at("secretKeyRef"),
            json({{"name", kRedisName}, {"key", "password"}}));
  EXPECT_GT(pod.at("terminationGracePeriodSeconds"), 60) << "the server's own grace";

  const json& service = at(objects(), key_of("Service", kWorkloadName));
  EXPECT_EQ(service.at("spec").at("selector"), labels_of(kServerSelector));
  EXPECT_EQ(service.at("spec").at("sessionAffinity"), "ClientIP");
  EXPECT_EQ(named(service.at("spec").at("ports"), "http").at("port"), 80);
}

TEST_P(Overlay, TheScalerHasTheNamesOfTheCode) {
  const json& scaler = at(objects(), key_of("Deployment", kScalerName));
  EXPECT_EQ(scaler.at("spec").at("replicas"), 2);
  EXPECT_EQ(scaler.at("spec").at("selector").at("matchLabels"), labels_of(kScalerSelector));
  const json& pod = scaler.at("spec").at("template").at("spec");
  EXPECT_EQ(pod.at("serviceAccountName"), kScalerName);
  const json& container = pod.at("containers").at(0);
  EXPECT_EQ(named(container.at("ports"), "http").at("containerPort"), kScalerPort);
  EXPECT_THAT(container.at("args"), Contains(std::string("--config=") + kScalerMountedConfig));
  const json& config = at(objects(), key_of("ConfigMap", kScalerName));
  EXPECT_TRUE(config.at("data").contains(kScalerConfigKey));
  EXPECT_EQ(named(pod.at("volumes"), "config").at("configMap").at("name"), kScalerName);
  EXPECT_EQ(std::string(named(container.at("volumeMounts"), "config").at("mountPath")) + "/" +
                kScalerConfigKey,
            kScalerMountedConfig);
  at(objects(), key_of("ServiceAccount", kScalerName));
  const json& binding = at(objects(), key_of("RoleBinding", kScalerName));
  EXPECT_EQ(binding.at("roleRef").at("name"), kScalerName);
  EXPECT_EQ(binding.at("subjects").at(0).at("name"), kScalerName);
}

TEST_P(Overlay, TheScalerMaySetTheReplicasOfItsWorkloadOnly) {
  const json& role = at(objects(), key_of("Role", kScalerName));
  std::set<std::string> changeable;
  for (const json& rule : role.at("rules")) {
    for (const json& verb : rule.at("verbs")) {
      if (verb == "get" || verb == "list" || verb == "watch") continue;
      for (const json& resource : rule.at("resources")) {
        const json names = rule.value("resourceNames", json::array({"*"}));
        changeable.insert(verb.get<std::string>() + " " + resource.get<std::string>() + " " +
                          names.at(0).get<std::string>());
      }
    }
  }
  const std::string lease = kScalerName;
  EXPECT_EQ(changeable, (std::set<std::string>{
                            "create events *", "create leases *", "patch events *", "patch pods *",
                            std::string("patch statefulsets/scale ") + kWorkloadName,
                            "update leases " + lease}));
}

TEST_P(Overlay, RedisAndTheIngressHaveTheNamesOfTheCode) {
  at(objects(), key_of("StatefulSet", kRedisName));
  EXPECT_EQ(at(objects(), key_of("Service", kRedisName)).at("spec").at("ports").at(0).at("port"),
            6379);
  const json& ingress = at(objects(), key_of("Ingress", kWorkloadName));
  const json& rule = ingress.at("spec").at("rules").at(0);
  EXPECT_EQ(rule.at("http").at("paths").at(0).at("backend").at("service").at("name"),
            kWorkloadName);
  EXPECT_EQ(ingress.at("metadata").at("annotations").at("nginx.ingress.kubernetes.io/load-balance"),
            "ewma");
}

INSTANTIATE_TEST_SUITE_P(Manifests, Overlay, testing::Values("base", "minikube", "test"),
                         [](const auto& overlay) { return std::string(overlay.param); });

TEST(Manifests, ServicesOfTheTestClusterHaveTheNamesOfTheCode) {
  const Objects objects = objects_of(render("test"));
  EXPECT_EQ(named(at(objects, key_of("Service", kPrometheusService)).at("spec").at("ports"), "http")
                .at("port"),
            9090);
  EXPECT_EQ(named(at(objects, key_of("Service", kIngressService)).at("spec").at("ports"), "http")
                .at("port"),
            80);
  EXPECT_TRUE(at(objects, key_of("Secret", kAdminSecret)).at("stringData").contains("token"));
  EXPECT_TRUE(at(objects, key_of("Secret", kRedisName)).at("stringData").contains("password"));
}

TEST(Manifests, OnlyTheTestClusterHasItsPasswordsInTheRepository) {
  for (const char* overlay : {"base", "minikube", "monitoring"}) {
    for (const auto& [key, object] : objects_of(render(overlay))) {
      EXPECT_NE(object.at("kind"), "Secret") << overlay << ": " << key;
    }
  }
}

/// Names of metrics in a text; of a histogram, its own.
std::set<std::string> metrics_in(const std::string& text) {
  static const std::regex kMetric("\\b(wsfleet|websockets)_[a-z_]+");
  std::set<std::string> metrics;
  for (auto name = std::sregex_iterator(text.begin(), text.end(), kMetric);
       name != std::sregex_iterator(); ++name) {
    metrics.insert(std::regex_replace(name->str(), std::regex("_bucket$"), ""));
  }
  return metrics;
}

TEST(Manifests, TheDashboardAsksForMetricsThatThereAre) {
  const Objects objects = objects_of(render("monitoring"));
  const json& map = at(objects, "ConfigMap/websocket-dashboard");
  EXPECT_EQ(map.at("metadata").at("labels").at("grafana_dashboard"), "1");
  const json dashboard = json::parse(map.at("data").at("websocket.json").get<std::string>());
  const std::set<std::string> documented =
      metrics_in(source_text("docs/formats/server.md") + source_text("docs/formats/scaler.md"));
  std::set<int> ids;
  for (const json& panel : dashboard.at("panels")) {
    EXPECT_NE(panel.at("title"), "");
    EXPECT_TRUE(ids.insert(panel.at("id").get<int>()).second) << panel.at("id");
    for (const json& target : panel.at("targets")) {
      const std::string expression = target.at("expr");
      EXPECT_THAT(metrics_in(expression), Not(IsEmpty())) << expression;
      for (const std::string& metric : metrics_in(expression)) {
        EXPECT_THAT(documented, Contains(metric));
      }
    }
  }
  EXPECT_GE(ids.size(), 5U);
}

}  // namespace
}  // namespace wsfleet
