// SPDX-License-Identifier: Apache-2.0
#include "cluster/cluster_section.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "cluster/balancers/balancer.h"

namespace wsfleet {
namespace {

constexpr Limits<double> kPositive{.min = 0, .exclusive_min = true};
constexpr Limits<TimeNs> kSomeTime{.min = 0, .exclusive_min = true};
constexpr Limits<double> kShare{.min = 0, .max = 1};
constexpr Limits<std::int64_t> kSomeBytes{.min = 1};
constexpr Limits<std::int64_t> kCount{.min = 1, .max = 1'000'000};

NodeSettings read_nodes(TomlTable table) {
  NodeSettings nodes;
  nodes.count = static_cast<int>(table.integer("count", nodes.count, kCount));
  nodes.cores = table.number("cores", nodes.cores, kPositive);
  nodes.memory_bytes = table.bytes("memory", nodes.memory_bytes, kSomeBytes);
  table.finish();
  return nodes;
}

PodSettings read_pod(TomlTable table) {
  PodSettings pod;
  pod.cpu_request = table.number("cpu_request", pod.cpu_request, kPositive);
  pod.cpu_limit = table.number("cpu_limit", pod.cpu_limit, kPositive);
  pod.memory_request_bytes = table.bytes("memory_request", pod.memory_request_bytes);
  pod.memory_limit_bytes = table.bytes("memory_limit", pod.memory_limit_bytes);
  pod.image_bytes = table.bytes("image_bytes", pod.image_bytes);
  pod.start = table.duration("start", pod.start);
  table.finish();
  return pod;
}

// The API server rejects a request over its limit.
void check_limits(TomlTable& table, const PodSettings& pod) {
  if (pod.cpu_request > pod.cpu_limit) {
    table.error(table.has("cpu_request") ? "cpu_request" : "cpu_limit",
                fmt::format("a pod can't request more CPU ({:g} cores) than its limit ({:g})",
                            pod.cpu_request, pod.cpu_limit));
  }
  if (pod.memory_limit_bytes > 0 && pod.memory_request_bytes > pod.memory_limit_bytes) {
    table.error("memory_request",
                fmt::format("a pod can't request more memory ({} bytes) than its limit ({})",
                            pod.memory_request_bytes, pod.memory_limit_bytes));
  }
}

// A pod that fits no node would stay Pending for ever. Points at the pod where the file says
// something of it, else at the nodes.
void check_fit(TomlTable& pod_table, const PodSettings& pod, TomlTable& node_table,
               const NodeSettings& nodes) {
  const auto report = [&](const char* pod_key, const char* node_key, const std::string& message,
                          const std::string& hint) {
    if (pod_table.has(pod_key)) {
      pod_table.error(pod_key, message, hint);
    } else {
      node_table.error(node_key, message, hint);
    }
  };
  if (pod.cpu_request > nodes.cores) {
    report("cpu_request", "cores",
           fmt::format("a pod that requests {:g} cores fits no node: each has {:g}",
                       pod.cpu_request, nodes.cores),
           "raise cores in nodes, or request less");
  }
  const bool requested = pod.memory_request_bytes > 0;
  const std::int64_t booked = requested ? pod.memory_request_bytes : pod.memory_limit_bytes;
  if (booked > nodes.memory_bytes) {
    report(requested ? "memory_request" : "memory_limit", "memory",
           fmt::format("a pod that requests {} bytes of memory fits no node: each has {}", booked,
                       nodes.memory_bytes),
           requested ? "raise memory in nodes, or request less"
                     : "without memory_request a pod requests as much as its memory_limit");
  }
}

ProbeSettings read_readiness(TomlTable table) {
  ProbeSettings probe;
  probe.initial_delay = table.duration("initial_delay", probe.initial_delay);
  probe.period = table.duration("period", probe.period, kSomeTime);
  probe.timeout = table.duration("timeout", probe.timeout, kSomeTime);
  probe.success_threshold =
      static_cast<int>(table.integer("success_threshold", probe.success_threshold, kCount));
  probe.failure_threshold =
      static_cast<int>(table.integer("failure_threshold", probe.failure_threshold, kCount));
  table.finish();
  return probe;
}

NetworkSettings read_network(TomlTable table) {
  NetworkSettings network;
  network.client_latency = table.duration("client_latency", network.client_latency);
  network.cluster_latency = table.duration("cluster_latency", network.cluster_latency);
  const auto bandwidth = [&table](const char* key, double fallback) {
    return static_cast<double>(table.bytes(key, static_cast<std::int64_t>(fallback), kSomeBytes));
  };
  network.registry_bytes_per_second =
      bandwidth("registry_bandwidth", network.registry_bytes_per_second);
  network.node_bytes_per_second = bandwidth("node_bandwidth", network.node_bytes_per_second);
  table.finish();
  return network;
}

ControlPlaneSettings read_control_plane(TomlTable table) {
  ControlPlaneSettings plane;
  plane.api_latency = table.duration("api_latency", plane.api_latency);
  plane.api_error_rate = table.number("api_error_rate", plane.api_error_rate, kShare);
  plane.api_conflict_rate = table.number("api_conflict_rate", plane.api_conflict_rate, kShare);
  plane.scheduling = table.duration("scheduling", plane.scheduling);
  plane.endpoint_propagation = table.duration("endpoint_propagation", plane.endpoint_propagation);
  plane.node_eviction = table.duration("node_eviction", plane.node_eviction);
  plane.restart_backoff = table.duration("restart_backoff", plane.restart_backoff);
  table.finish();
  return plane;
}

BalancerKind read_balancer(TomlTable& table, BalancerKind fallback) {
  const auto names = balancer_names();
  std::vector<std::string> choices;
  std::string fallback_name;
  for (const auto& [name, kind] : names) {
    choices.emplace_back(name);
    if (kind == fallback) fallback_name = name;
  }
  const std::string chosen = table.choice("balancer", fallback_name, choices);
  const auto found = std::find_if(names.begin(), names.end(),
                                  [&](const auto& entry) { return chosen == entry.first; });
  return found->second;
}

}  // namespace

ClusterSettings read_cluster(TomlTable table) {
  ClusterSettings settings;
  settings.controller = table.choice(
      "controller", settings.controller,
      {{"statefulset", ControllerKind::statefulset}, {"deployment", ControllerKind::deployment}});
  settings.pod_management = table.choice(
      "pod_management", settings.pod_management,
      {{"ordered_ready", PodManagement::ordered_ready}, {"parallel", PodManagement::parallel}});
  settings.balancer = read_balancer(table, settings.balancer);
  settings.affinity_timeout =
      table.duration("affinity_timeout", settings.affinity_timeout, kSomeTime);
  settings.ingress = table.choice("ingress", settings.ingress,
                                  {{"nginx", IngressKind::nginx}, {"none", IngressKind::none}});

  TomlTable nodes = table.table("nodes");
  settings.nodes = read_nodes(nodes);
  TomlTable pod = table.table("pod");
  settings.pod = read_pod(pod);
  check_limits(pod, settings.pod);
  check_fit(pod, settings.pod, nodes, settings.nodes);
  settings.readiness = read_readiness(table.table("readiness"));
  settings.network = read_network(table.table("network"));
  settings.control_plane = read_control_plane(table.table("control_plane"));
  table.finish();
  return settings;
}

MetricsSettings read_metrics(TomlTable table) {
  MetricsSettings settings;
  settings.scrape_interval = table.duration("scrape_interval", settings.scrape_interval, kSomeTime);
  // Prometheus rejects a timeout over the interval, and shortens its default to it.
  settings.scrape_timeout = table.duration(
      "scrape_timeout", std::min(settings.scrape_timeout, settings.scrape_interval), kSomeTime);
  if (settings.scrape_timeout > settings.scrape_interval) {
    table.error("scrape_timeout",
                fmt::format("a scrape timeout of {} is longer than the scrape interval of {}",
                            format_duration(settings.scrape_timeout),
                            format_duration(settings.scrape_interval)));
  }
  settings.query_latency = table.duration("query_latency", settings.query_latency);
  table.finish();
  return settings;
}

}  // namespace wsfleet
