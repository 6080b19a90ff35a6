// SPDX-License-Identifier: Apache-2.0
#include "scaler/live/config/kubernetes_section.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cluster/kubernetes/fleet/names.h"
#include "core/toml/diagnostics.h"

namespace wsfleet {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

const char* variables(const std::string& name) {
  if (name == "PROMETHEUS_SERVICE_HOST") return "198.18.0.7";
  if (name == "PORT") return "9090";
  return name == "EMPTY" ? "" : nullptr;
}

struct Read {
  KubernetesSection section;
  std::string diagnostics;
};

Read read_section(const std::string& keys) {
  TomlDocument document = TomlDocument::parse("[kubernetes]\n" + keys, "scaler.toml");
  Read result;
  result.section = read_kubernetes(document.root().table("kubernetes"), variables);
  result.diagnostics = render(document.diagnostics());
  return result;
}

TEST(KubernetesSection, DefaultsAreTheNamesOfTheManifests) {
  const Read plain = read_section("");
  EXPECT_THAT(plain.diagnostics, IsEmpty());
  const KubernetesSection& section = plain.section;
  EXPECT_EQ(section.name, kWorkloadName);
  EXPECT_EQ(section.selector, kServerSelector);
  EXPECT_EQ(section.container, kServerContainer);
  EXPECT_EQ(section.admin_port, kAdminPort);
  EXPECT_EQ(section.lease_name, kScalerName);
  EXPECT_EQ(section.port, kScalerPort);
  EXPECT_FALSE(section.from_prometheus);
  EXPECT_FALSE(section.is_deployment);
  EXPECT_FALSE(section.dry_run);
  EXPECT_FALSE(section.epoch);
}

TEST(KubernetesSection, ReadsEveryKey) {
  const Read all = read_section(R"(
namespace = "chat"
kind = "deployment"
name = "talk"
selector = "app=talk"
container = "ws"
admin_port = 4001
admin_token_file = "token"
metrics = "prometheus"
prometheus = "http://prometheus.monitoring:9091"
prometheus_selector = "open{job=\"talk\"}"
uid_label = "pod_uid"
epoch = "2026-11-24T19:00:00Z"
lease_name = "talk-scaler"
lease_duration = "30s"
renew_deadline = "20s"
retry_period = "3s"
dry_run = true
listen = "127.0.0.1"
port = 0
)");
  EXPECT_THAT(all.diagnostics, IsEmpty());
  const KubernetesSection& section = all.section;
  EXPECT_EQ(section.name_space, "chat");
  EXPECT_TRUE(section.is_deployment);
  EXPECT_EQ(section.name, "talk");
  EXPECT_EQ(section.selector, "app=talk");
  EXPECT_EQ(section.container, "ws");
  EXPECT_EQ(section.admin_port, 4001);
  EXPECT_EQ(section.admin_token_file, "token");
  EXPECT_TRUE(section.admin_token_given);
  EXPECT_TRUE(section.from_prometheus);
  EXPECT_EQ(section.prometheus_host, "prometheus.monitoring");
  EXPECT_EQ(section.prometheus_port, 9091);
  EXPECT_EQ(section.prometheus_selector, "open{job=\"talk\"}");
  EXPECT_EQ(section.uid_label, "pod_uid");
  EXPECT_EQ(section.epoch, 1795546800 * kSecond);
  EXPECT_EQ(section.lease_name, "talk-scaler");
  EXPECT_EQ(section.lease_duration, 30 * kSecond);
  EXPECT_EQ(section.renew_deadline, 20 * kSecond);
  EXPECT_EQ(section.retry_period, 3 * kSecond);
  EXPECT_TRUE(section.dry_run);
  EXPECT_EQ(section.listen, "127.0.0.1");
  EXPECT_EQ(section.port, 0);
}

TEST(KubernetesSection, TellsAllMistakesWithTheirPlaces) {
  const std::string told = read_section(R"(naem = "x"
namespace = "Chat"
metrics = "promethus"
epoch = "soon"
lease_duration = "1500ms"
)")
                               .diagnostics;
  EXPECT_THAT(told, HasSubstr("scaler.toml:2:1: error: unknown key 'naem' in [kubernetes]"));
  EXPECT_THAT(told, HasSubstr("'kubernetes.namespace' can't be the name of an object: 'Chat'"));
  EXPECT_THAT(told, HasSubstr("did you mean 'prometheus'?"));
  EXPECT_THAT(told, HasSubstr("'soon' is not a point in time"));
  EXPECT_THAT(told, HasSubstr("must be a whole number of seconds"));
}

TEST(KubernetesSection, ALeaderMustStopBeforeAnotherBegins) {
  EXPECT_THAT(read_section("renew_deadline = \"15s\"").diagnostics,
              HasSubstr("'kubernetes.renew_deadline' (15s) must be shorter than lease_duration"));
  EXPECT_THAT(read_section("retry_period = \"5s\"").diagnostics,
              HasSubstr("must be less than half of renew_deadline"));
}

TEST(KubernetesSection, PrometheusNeedsAnAddress) {
  EXPECT_THAT(read_section("metrics = \"prometheus\"").diagnostics,
              HasSubstr("metrics from Prometheus need its address"));
  EXPECT_THAT(
      read_section("metrics = \"prometheus\"\nprometheus = \"http://${NOBODY}:9090\"").diagnostics,
      HasSubstr("the environment has no variable 'NOBODY'"));
  const Read expanded = read_section(
      "metrics = \"prometheus\"\nprometheus = \"http://${PROMETHEUS_SERVICE_HOST}:${PORT}/\"");
  EXPECT_THAT(expanded.diagnostics, IsEmpty());
  EXPECT_EQ(expanded.section.prometheus_host, "198.18.0.7");
  EXPECT_EQ(expanded.section.prometheus_port, 9090);
  // The address of a Prometheus that is not used is not looked at: its variables may be unset.
  EXPECT_THAT(read_section("prometheus = \"http://${NOBODY}:9090\"").diagnostics, IsEmpty());
}

TEST(ExpandVariables, PutsValuesForNames) {
  EXPECT_EQ(*expand_variables("", variables), "");
  EXPECT_EQ(*expand_variables("$x {y}", variables), "$x {y}");
  EXPECT_EQ(*expand_variables("a${PORT}b${PORT}", variables), "a9090b9090");
  EXPECT_FALSE(expand_variables("${PORT", variables));
  EXPECT_FALSE(expand_variables("${}", variables));
  EXPECT_FALSE(expand_variables("${EMPTY}", variables));
}

TEST(HttpAddress, IsHostAndPort) {
  EXPECT_EQ(parse_http_address("http://prometheus:9090")->port, 9090);
  EXPECT_EQ(parse_http_address("http://prometheus")->port, 80);
  EXPECT_EQ(parse_http_address("http://[fd00::1]:9090/")->host, "fd00::1");
  EXPECT_EQ(parse_http_address("http://[fd00::1]")->port, 80);
  for (const char* wrong :
       {"", "prometheus:9090", "https://prometheus:9090", "http://", "http://:9090", "http://a:0",
        "http://a:70000", "http://a:90x", "http://a:", "http://a/b", "http://[::1", "http://[::1]9",
        "http://a b"}) {
    const auto place = parse_http_address(wrong);
    ASSERT_FALSE(place) << wrong;
    EXPECT_EQ(place.error().kind, ErrorKind::configuration);
  }
}

}  // namespace
}  // namespace wsfleet
