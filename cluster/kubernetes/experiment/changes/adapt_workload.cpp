// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/experiment/changes/adapt_workload.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>
#include <vector>

#include "cluster/kubernetes/fleet/names.h"
#include "cluster/live/server_options.h"
#include "core/live/live_clock.h"

namespace wsfleet {
namespace {

using nlohmann::json;

using Options = std::vector<std::pair<std::string, std::string>>;

/// An argument would go before the variable that says it now.
json without_options(const json& arguments, const Options& options) {
  json kept = json::array();
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string word = arguments[i].get<std::string>();
    const auto said = std::find_if(options.begin(), options.end(), [&word](const auto& option) {
      return word == option.first || word.starts_with(option.first + "=") ||
             word == "--no-" + option.first.substr(2);
    });
    if (said == options.end()) {
      kept.push_back(word);
      continue;
    }
    const bool has_value = word == said->first && i + 1 < arguments.size() &&
                           !arguments[i + 1].get<std::string>().starts_with("--");
    if (has_value) ++i;
  }
  return kept;
}

void set_variable(json& variables, const std::string& name, const std::string& value) {
  for (json& variable : variables) {
    if (variable.value("name", "") == name) {
      variable = {{"name", name}, {"value", value}};
      return;
    }
  }
  variables.push_back({{"name", name}, {"value", value}});
}

bool has_variable(const json& variables, const std::string& name) {
  return std::any_of(variables.begin(), variables.end(),
                     [&name](const json& variable) { return variable.value("name", "") == name; });
}

void remove_variable(json& variables, const std::string& name) {
  json kept = json::array();
  for (const json& variable : variables) {
    if (variable.value("name", "") != name) kept.push_back(variable);
  }
  variables = std::move(kept);
}

/// Probes and graces are whole seconds there.
std::int64_t whole_seconds(TimeNs time) { return (time + kSecond - 1) / kSecond; }

void set_probe(json& container, const ProbeSettings& readiness) {
  json& probe = container["readinessProbe"];
  probe["initialDelaySeconds"] = whole_seconds(readiness.initial_delay);
  probe["periodSeconds"] = std::max<std::int64_t>(1, whole_seconds(readiness.period));
  probe["timeoutSeconds"] = std::max<std::int64_t>(1, whole_seconds(readiness.timeout));
  probe["successThreshold"] = readiness.success_threshold;
  probe["failureThreshold"] = readiness.failure_threshold;
}

void set_resources(json& container, const PodSettings& pod) {
  const auto cores = [](double value) { return fmt::format("{:.0f}m", 1000 * value); };
  const std::int64_t memory =
      pod.memory_request_bytes > 0 ? pod.memory_request_bytes : pod.memory_limit_bytes;
  json requests = {{"cpu", cores(pod.cpu_request)}};
  json limits = {{"cpu", cores(pod.cpu_limit)}};
  if (memory > 0) requests["memory"] = std::to_string(memory);
  if (pod.memory_limit_bytes > 0) limits["memory"] = std::to_string(pod.memory_limit_bytes);
  container["resources"] = {{"requests", requests}, {"limits", limits}};
}

/// The lines of the tables [kubernetes] and [kubernetes.…].
std::string kubernetes_tables(const std::string& config) {
  std::istringstream lines(config);
  std::string kept;
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t begin = line.find_first_not_of(" \t");
    if (begin != std::string::npos && line[begin] == '[') {
      const std::string_view header = std::string_view(line).substr(begin);
      inside = header.starts_with("[kubernetes]") || header.starts_with("[kubernetes.");
    }
    const bool epoch = begin != std::string::npos && line.compare(begin, 5, "epoch") == 0;
    if (inside && !epoch) kept += line + "\n";
  }
  return kept;
}

}  // namespace

Result<void> check_workload(const json& workload, const LiveSettings& settings) {
  const std::string deployed = workload.at("spec").value("podManagementPolicy", "OrderedReady");
  const bool parallel = settings.cluster.pod_management == PodManagement::parallel;
  if (deployed == (parallel ? "Parallel" : "OrderedReady")) return {};
  const char* scenarios = parallel ? "parallel" : "ordered_ready";
  const char* other = parallel ? "ordered_ready" : "parallel";
  return fail(ErrorKind::configuration,
              fmt::format("cluster.pod_management = \"{}\", but the StatefulSet {} was made with "
                          "podManagementPolicy: {}, which it keeps: run with --set "
                          "cluster.pod_management={}, or delete the StatefulSet and apply the "
                          "manifests with the other policy",
                          scenarios, kWorkloadName, deployed, other));
}

Result<json> adapted_template(json template_, const LiveSettings& settings) {
  json& spec = template_["spec"];
  json* server = nullptr;
  for (json& container : spec["containers"]) {
    if (container.value("name", "") == kServerContainer) server = &container;
  }
  if (server == nullptr) {
    return fail(
        fmt::format("the pods of {} have no container '{}'", kWorkloadName, kServerContainer));
  }
  const Options options = server_options(settings.server);
  if (server->contains("args")) (*server)["args"] = without_options((*server)["args"], options);
  json& variables = (*server)["env"];
  if (!variables.is_array()) variables = json::array();
  for (const auto& [option, value] : options)
    set_variable(variables, server_variable(option), value);
  if (!settings.server.redis) {
    remove_variable(variables, "WSFLEET_REDIS");
  } else if (!has_variable(variables, "WSFLEET_REDIS")) {
    return fail("server.redis = true, but the server's pods have no variable WSFLEET_REDIS");
  }
  set_probe(*server, settings.cluster.readiness);
  set_resources(*server, settings.cluster.pod);
  // The server ends by itself when its grace is over; the kubelet comes after it.
  spec["terminationGracePeriodSeconds"] = whole_seconds(settings.server.termination_grace) + 2;
  return template_;
}

json with_balancer(const json& arguments, const std::string& balancer) {
  json changed = without_options(arguments, {{"--balancer", balancer}});
  changed.push_back("--balancer=" + balancer);
  return changed;
}

std::string scaler_config(const std::string& scenario_text, const std::string& present_config,
                          TimeNs epoch_since_1970) {
  std::string tables = kubernetes_tables(present_config);
  if (tables.find("[kubernetes]") == std::string::npos) tables = "[kubernetes]\n" + tables;
  const std::size_t header_end = tables.find('\n', tables.find("[kubernetes]")) + 1;
  tables.insert(header_end, fmt::format("epoch = \"{}\"\n", format_utc(epoch_since_1970)));
  return scenario_text + "\n\n" + tables;
}

}  // namespace wsfleet
