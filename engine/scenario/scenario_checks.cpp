// SPDX-License-Identifier: Apache-2.0
#include "engine/scenario/scenario_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "cluster/fault_section.h"
#include "loadgen/arrivals/rate_function.h"
#include "loadgen/sessions.h"

namespace wsfleet {
namespace {

std::string warn_of_nodes(const Scenario& scenario) {
  const int fit = pods_that_fit(scenario.cluster);
  if (fit >= scenario.scaler.max_replicas) return {};
  return fmt::format(
      "{}: the nodes have room for {} pods by their requests, [scaler] max_replicas is {}: pods "
      "beyond that stay Pending (raise cluster.nodes.count or lower max_replicas)",
      scenario.path, fit, scenario.scaler.max_replicas);
}

std::string warn_of_population(const Scenario& scenario) {
  if (!scenario.start_steady) return {};
  const RateFunction rate(scenario.workload.arrivals, scenario.workload.length, scenario.duration);
  const double sessions = rate.rate_at(0) * to_seconds(scenario.workload.length.mean);
  const std::int64_t capacity = scenario.scaler.initial() * scenario.server.max_connections;
  if (sessions <= static_cast<double>(capacity)) return {};
  return fmt::format(
      "{}: start = \"steady\" begins with about {:.0f} sessions, the {} initial pods hold {} "
      "(raise [scaler] initial_replicas to {})",
      scenario.path, sessions, scenario.scaler.initial(), capacity,
      std::ceil(sessions / scenario.objective.connections_per_pod));
}

std::string warn_of_objective(const Scenario& scenario) {
  if (scenario.objective.connections_per_pod <= scenario.server.max_connections) return {};
  return fmt::format(
      "{}: [objective] connections_per_pod is {}, but a pod refuses beyond [server] "
      "max_connections = {}: the demand will come out too low",
      scenario.path, scenario.objective.connections_per_pod, scenario.server.max_connections);
}

std::string warn_of_rooms(const Scenario& scenario) {
  if (scenario.workload.rooms == 0 || scenario.server.mode == MessageMode::broadcast) return {};
  return fmt::format(
      "{}: [workload.session] rooms is {}, but servers that echo know no rooms (set [server] mode "
      "= "
      "\"broadcast\", or leave rooms out)",
      scenario.path, scenario.workload.rooms);
}

// Kubernetes has no shorter ones; rounded, they would not be those of the simulation.
void check_whole_seconds(TomlTable& root, const Scenario& scenario) {
  const auto check = [](TomlTable table, const char* key, TimeNs time) {
    if (time % kSecond == 0) return;
    table.error(key, fmt::format("the backend 'kubernetes' can't honour {} = \"{}\": probes and "
                                 "graces are whole seconds there",
                                 key, format_duration(time)));
  };
  const ProbeSettings& readiness = scenario.cluster.readiness;
  const auto probe = [&root] { return root.table("cluster").table("readiness"); };
  check(probe(), "initial_delay", readiness.initial_delay);
  check(probe(), "period", readiness.period);
  check(probe(), "timeout", readiness.timeout);
  check(root.table("server"), "termination_grace", scenario.server.termination_grace);
}

/// Scores that need what real clients and servers do not tell.
constexpr std::array kScoresOfSimulation{
    std::pair{"deliveries_missed_share", "nobody counts what clients should have heard there"},
    std::pair{"store_stale_s", "nobody counts the keys in Redis there"}};

void check_expectations_of_backend(Scenario& scenario, const std::string& backend) {
  if (backend == "simulated") return;
  TomlTable expect = scenario.document.root().table("expect");
  for (const auto& [score, why] : kScoresOfSimulation) {
    if (!expect.has(score)) continue;
    expect.error(score, fmt::format("the backend '{}' can't know {}: {}", backend, score, why));
  }
}

void check_keys_of_backend(Scenario& scenario, const std::string& backend) {
  TomlTable root = scenario.document.root();
  const auto refuse = [&](const char* table, const char* key, const char* said, const char* why) {
    root.table(table).error(
        key, fmt::format("the backend '{}' can't honour {}: {}", backend, said, why));
  };
  if (backend != "simulated" && scenario.server.tls) {
    refuse("server", "tls", "server.tls = true", "clients connect in clear there");
  }
  if (backend != "kubernetes") return;
  if (scenario.server.pre_stop > 0) {
    refuse("server", "pre_stop", "server.pre_stop",
           "the server's image has no program that sleeps");
  }
  if (scenario.cluster.controller == ControllerKind::deployment) {
    refuse("cluster", "controller", "cluster.controller = \"deployment\"",
           "the manifests have a StatefulSet");
  }
  check_whole_seconds(root, scenario);
  if (scenario.cluster.balancer == BalancerKind::client_ip ||
      scenario.cluster.balancer == BalancerKind::consistent_hash) {
    refuse("cluster", "balancer", "a balancer by client address",
           "load generators have few addresses there, and the simulation many");
  }
  if (scenario.cluster.ingress == IngressKind::none) {
    refuse("cluster", "ingress", "cluster.ingress = \"none\"",
           "clients come by the cluster's ingress or Service");
  }
}

}  // namespace

int pods_that_fit(const ClusterSettings& cluster) {
  const std::int64_t memory = cluster.pod.memory_request_bytes > 0
                                  ? cluster.pod.memory_request_bytes
                                  : cluster.pod.memory_limit_bytes;
  double per_node = 1e6;  // without requests: no limit that matters here
  if (cluster.pod.cpu_request > 0) {
    per_node = std::min(per_node, std::floor(cluster.nodes.cores / cluster.pod.cpu_request + 1e-9));
  }
  if (memory > 0) {
    per_node = std::min(per_node, static_cast<double>(cluster.nodes.memory_bytes / memory));
  }
  return static_cast<int>(std::min(per_node * cluster.nodes.count, 1e9));
}

void check_fault_times(Scenario& scenario) {
  for (TomlTable& table : scenario.document.root().tables("fault")) {
    if (table.duration("at", 0) < scenario.duration) continue;
    table.error("at", fmt::format("the fault would come after the run, which lasts {}",
                                  format_duration(scenario.duration)));
  }
}

void check_redis_and_rooms(Scenario& scenario) {
  TomlTable root = scenario.document.root();
  if (scenario.server.mode == MessageMode::broadcast && scenario.workload.rooms < 1) {
    root.table("server").error(
        "mode", "'server.mode' is \"broadcast\", but 'workload.session.rooms' is 0",
        "set [workload.session] rooms to how many rooms the sessions share, at least 1");
  }
  if (scenario.server.redis) return;
  for (TomlTable& table : root.tables("fault")) {
    if (table.string("kind", "") != fault_name(FaultKind::redis_outage)) continue;
    table.error("kind", "a redis_outage needs servers with Redis, but 'server.redis' is false",
                "set [server] redis = true");
  }
}

Warnings warnings_of(const Scenario& scenario) {
  Warnings warnings;
  for (std::string warning : {warn_of_nodes(scenario), warn_of_population(scenario),
                              warn_of_objective(scenario), warn_of_rooms(scenario)}) {
    if (!warning.empty()) warnings.push_back(std::move(warning));
  }
  return warnings;
}

void check_backend(Scenario& scenario, const std::string& backend) {
  check_keys_of_backend(scenario, backend);
  check_expectations_of_backend(scenario, backend);
  for (TomlTable& table : scenario.document.root().tables("fault")) {
    const std::string kind = table.string("kind", "");
    const bool honoured =
        std::any_of(scenario.faults.begin(), scenario.faults.end(), [&](const Fault& fault) {
          return kind == fault_name(fault.kind) && backend_honours(backend, fault.kind);
        });
    if (honoured) continue;
    table.error("kind",
                fmt::format("the backend '{}' can't honour fault.kind = \"{}\"", backend, kind));
  }
}

}  // namespace wsfleet
