// SPDX-License-Identifier: Apache-2.0
#include "cluster/cluster_section.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "build_paths/source_dir.h"
#include "cluster/balancers/balancer.h"
#include "cluster/fault_section.h"

namespace wsfleet {
namespace {

using ::testing::HasSubstr;

struct Read {
  ClusterSettings cluster;
  MetricsSettings metrics;
  std::vector<Diagnostic> diagnostics;
  std::set<std::string> keys;
};

Read read(const std::string& text) {
  TomlDocument document = TomlDocument::parse(text, "test.toml");
  Read result;
  result.cluster = read_cluster(document.root().table("cluster"));
  result.metrics = read_metrics(document.root().table("metrics"));
  read_faults(document.root());
  result.diagnostics = document.diagnostics();
  result.keys = document.known_keys();
  return result;
}

std::string mistake(const std::string& text) {
  const Read result = read(text);
  EXPECT_EQ(result.diagnostics.size(), 1U) << render(result.diagnostics);
  return render(result.diagnostics);
}

// Whether other keys lie below it: the page has a heading for it then, not a row.
bool is_table(const std::string& key, const std::set<std::string>& keys) {
  return std::any_of(keys.begin(), keys.end(), [&](const std::string& other) {
    return other.rfind(key + ".", 0) == 0 || other.rfind(key + "[].", 0) == 0;
  });
}

TEST(ClusterSection, AbsentSectionsGiveDefaults) {
  const Read result = read("format = 1\n");
  EXPECT_TRUE(result.diagnostics.empty());
  EXPECT_EQ(result.cluster.controller, ControllerKind::statefulset);
  EXPECT_EQ(result.cluster.balancer, BalancerKind::ewma);
  EXPECT_EQ(result.cluster.nodes.count, 10);
  EXPECT_EQ(result.cluster.network.registry_bytes_per_second, 125e6);
  EXPECT_EQ(result.metrics.scrape_interval, 15 * kSecond);
  EXPECT_EQ(result.metrics.scrape_timeout, 10 * kSecond);
}

TEST(ClusterSection, ReadsTheClusterItself) {
  const Read result = read(R"(
[cluster]
controller = "deployment"
pod_management = "parallel"
balancer = "least_connections"
affinity_timeout = "1h"
ingress = "none"
nodes = { count = 3, cores = 8.5, memory = "2GiB" }
[cluster.pod]
cpu_request = 0.5
cpu_limit = 2
memory_request = "64MiB"
memory_limit = "128MiB"
image_bytes = "1MiB"
start = "3s"
[cluster.readiness]
initial_delay = "1s"
period = "2s"
timeout = "3s"
success_threshold = 4
failure_threshold = 5
)");
  EXPECT_TRUE(result.diagnostics.empty()) << render(result.diagnostics);
  const ClusterSettings& cluster = result.cluster;
  EXPECT_EQ(cluster.controller, ControllerKind::deployment);
  EXPECT_EQ(cluster.pod_management, PodManagement::parallel);
  EXPECT_EQ(cluster.balancer, BalancerKind::least_connections);
  EXPECT_EQ(cluster.affinity_timeout, kHour);
  EXPECT_EQ(cluster.ingress, IngressKind::none);
  EXPECT_EQ(cluster.nodes.count, 3);
  EXPECT_EQ(cluster.nodes.cores, 8.5);
  EXPECT_EQ(cluster.nodes.memory_bytes, std::int64_t{2} << 30);
  EXPECT_EQ(cluster.pod.cpu_request, 0.5);
  EXPECT_EQ(cluster.pod.cpu_limit, 2);
  EXPECT_EQ(cluster.pod.memory_request_bytes, 64 << 20);
  EXPECT_EQ(cluster.pod.memory_limit_bytes, 128 << 20);
  EXPECT_EQ(cluster.pod.image_bytes, 1 << 20);
  EXPECT_EQ(cluster.pod.start, 3 * kSecond);
  EXPECT_EQ(cluster.readiness.initial_delay, kSecond);
  EXPECT_EQ(cluster.readiness.period, 2 * kSecond);
  EXPECT_EQ(cluster.readiness.timeout, 3 * kSecond);
  EXPECT_EQ(cluster.readiness.success_threshold, 4);
  EXPECT_EQ(cluster.readiness.failure_threshold, 5);
}

TEST(ClusterSection, ReadsNetworkControlPlaneAndMetrics) {
  const Read result = read(R"(
[cluster.network]
client_latency = "1ms"
cluster_latency = "2ms"
registry_bandwidth = "10MB"
node_bandwidth = 2000000
[cluster.control_plane]
api_latency = "3ms"
api_error_rate = 0.25
api_conflict_rate = 0.5
scheduling = "4ms"
endpoint_propagation = "5ms"
node_eviction = "6s"
restart_backoff = "7s"
[metrics]
scrape_interval = "8s"
scrape_timeout = "7s"
query_latency = "9ms"
)");
  EXPECT_TRUE(result.diagnostics.empty()) << render(result.diagnostics);
  const NetworkSettings& network = result.cluster.network;
  EXPECT_EQ(network.client_latency, kMillisecond);
  EXPECT_EQ(network.cluster_latency, 2 * kMillisecond);
  EXPECT_EQ(network.registry_bytes_per_second, 10e6);
  EXPECT_EQ(network.node_bytes_per_second, 2e6);
  const ControlPlaneSettings& plane = result.cluster.control_plane;
  EXPECT_EQ(plane.api_latency, 3 * kMillisecond);
  EXPECT_EQ(plane.api_error_rate, 0.25);
  EXPECT_EQ(plane.api_conflict_rate, 0.5);
  EXPECT_EQ(plane.scheduling, 4 * kMillisecond);
  EXPECT_EQ(plane.endpoint_propagation, 5 * kMillisecond);
  EXPECT_EQ(plane.node_eviction, 6 * kSecond);
  EXPECT_EQ(plane.restart_backoff, 7 * kSecond);
  EXPECT_EQ(result.metrics.scrape_interval, 8 * kSecond);
  EXPECT_EQ(result.metrics.scrape_timeout, 7 * kSecond);
  EXPECT_EQ(result.metrics.query_latency, 9 * kMillisecond);
}

TEST(ClusterSection, EveryBalancerHasAName) {
  for (const auto& [name, kind] : balancer_names()) {
    const Read result = read(std::string("[cluster]\nbalancer = \"") + name + "\"\n");
    EXPECT_TRUE(result.diagnostics.empty()) << name;
    EXPECT_EQ(result.cluster.balancer, kind) << name;
  }
}

TEST(ClusterSection, RejectsUnknownWords) {
  EXPECT_THAT(mistake("[cluster]\nbalancer = \"least_conections\"\n"),
              HasSubstr("did you mean 'least_connections'?"));
  EXPECT_THAT(mistake("[cluster]\ncontroller = \"daemonset\"\n"), HasSubstr("statefulset"));
  EXPECT_THAT(mistake("[cluster]\npod_management = \"paralel\"\n"), HasSubstr("'parallel'"));
  EXPECT_THAT(mistake("[cluster]\ningress = \"haproxy\"\n"), HasSubstr("nginx"));
}

TEST(ClusterSection, RejectsUnknownKeysAtEveryDepth) {
  for (const char* section : {"cluster", "cluster.nodes", "cluster.pod", "cluster.readiness",
                              "cluster.network", "cluster.control_plane", "metrics"}) {
    EXPECT_THAT(mistake(std::string("[") + section + "]\nzzz = 1\n"),
                HasSubstr("unknown key 'zzz'"))
        << section;
  }
}

TEST(ClusterSection, RejectsImpossibleNumbers) {
  const char* texts[] = {
      "[cluster]\naffinity_timeout = \"0s\"\n",
      "[cluster.nodes]\ncount = 0\n",
      "[cluster.nodes]\ncores = 0\n",
      "[cluster.nodes]\nmemory = 0\n",
      "[cluster.pod]\ncpu_request = 0\n",
      "[cluster.pod]\ncpu_limit = -1\n",
      "[cluster.pod]\nmemory_limit = -1\n",
      "[cluster.readiness]\nperiod = \"0s\"\n",
      "[cluster.readiness]\ntimeout = \"0s\"\n",
      "[cluster.readiness]\nsuccess_threshold = 0\n",
      "[cluster.readiness]\nfailure_threshold = 0\n",
      "[cluster.network]\nregistry_bandwidth = 0\n",
      "[cluster.network]\nnode_bandwidth = \"fast\"\n",
      "[cluster.control_plane]\napi_error_rate = 1.5\n",
      "[cluster.control_plane]\napi_conflict_rate = -0.5\n",
      "[metrics]\nscrape_interval = \"0s\"\n",
      "[metrics]\nscrape_timeout = \"0s\"\n",
  };
  for (const char* text : texts) {
    const std::string key = std::string(text).substr(std::string(text).find('\n') + 1);
    EXPECT_THAT(mistake(text), HasSubstr(key.substr(0, key.find(' ')))) << text;
  }
}

TEST(ClusterSection, RejectsAPodThatFitsNoNode) {
  EXPECT_THAT(mistake("[cluster]\npod = { cpu_request = 5, cpu_limit = 6 }\n"),
              HasSubstr("fits no node: each has 4"));
  EXPECT_THAT(mistake("[cluster]\nnodes = { cores = 0.1 }\n"), HasSubstr("fits no node"));
  EXPECT_THAT(mistake("[cluster]\nnodes = { memory = \"100MiB\" }\n"),
              HasSubstr("requests as much as its memory_limit"));
  EXPECT_THAT(mistake("[cluster]\nnodes = { memory = \"1GiB\" }\n"
                      "pod = { memory_request = \"2GiB\", memory_limit = \"3GiB\" }\n"),
              HasSubstr("test.toml:3:"));
  // The limit alone may be larger than a node.
  EXPECT_TRUE(
      read("[cluster]\nnodes = { memory = \"1GiB\" }\n"
           "pod = { memory_request = \"512MiB\", memory_limit = \"3GiB\", cpu_limit = 9 }\n")
          .diagnostics.empty());
  EXPECT_TRUE(read("[cluster]\nnodes = { memory = \"1MiB\" }\npod = { memory_limit = 0 }\n")
                  .diagnostics.empty());
}

TEST(ClusterSection, RejectsRequestsOverLimits) {
  EXPECT_THAT(mistake("[cluster]\npod = { cpu_limit = 0.1 }\n"), HasSubstr("more CPU"));
  EXPECT_THAT(mistake("[cluster]\npod = { memory_request = \"257MiB\" }\n"),
              HasSubstr("more memory"));
}

TEST(MetricsSection, TheTimeoutIsAtMostTheInterval) {
  EXPECT_THAT(mistake("[metrics]\nscrape_interval = \"5s\"\nscrape_timeout = \"6s\"\n"),
              HasSubstr("longer than the scrape interval"));
  const Read result = read("[metrics]\nscrape_interval = \"5s\"\n");
  EXPECT_TRUE(result.diagnostics.empty());
  EXPECT_EQ(result.metrics.scrape_timeout, 5 * kSecond);
}

TEST(ClusterSection, EveryKeyIsDocumented) {
  std::ifstream file(WSFLEET_SOURCE_DIR "/docs/formats/scenario-cluster.md");
  std::stringstream page;
  page << file.rdbuf();
  std::set<std::string> keys = read("[cluster]\n[metrics]\n").keys;
  const std::set<std::string> of_faults =
      read("[[fault]]\nat = \"1s\"\nkind = \"api_outage\"\nfor = \"1s\"\n").keys;
  keys.insert(of_faults.begin(), of_faults.end());
  EXPECT_TRUE(keys.contains("fault[].factor"));
  for (const std::string& key : keys) {
    if (is_table(key, keys)) continue;
    const std::string leaf = key.substr(key.rfind('.') + 1);
    EXPECT_THAT(page.str(), HasSubstr("`" + leaf + "`")) << key;
  }
  for (const auto& [name, kind] : balancer_names()) {
    EXPECT_THAT(page.str(), HasSubstr(std::string("`") + name + "`"));
  }
  for (const FaultKind kind : fault_kinds()) {
    EXPECT_THAT(page.str(), HasSubstr(std::string("`") + fault_name(kind) + "`"));
  }
}

}  // namespace
}  // namespace wsfleet
