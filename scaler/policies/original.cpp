// SPDX-License-Identifier: Apache-2.0
#include "scaler/policies/original.h"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "scaler/policies/state_json.h"

namespace wsfleet {
namespace {

// The ordinal at the end of a StatefulSet's pod name: 3 for "websocket-3".
std::optional<int> ordinal_of(std::string_view name) {
  const std::size_t dash = name.rfind('-');
  if (dash == std::string_view::npos || dash + 1 == name.size()) return std::nullopt;
  const std::string_view digits = name.substr(dash + 1);
  if (digits.size() > 1 && digits.front() == '0') return std::nullopt;  // "-03" is nobody's name
  int ordinal = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), ordinal);
  const bool whole = error == std::errc{} && end == digits.data() + digits.size();
  return whole && ordinal >= 0 ? std::optional<int>(ordinal) : std::nullopt;
}

// sum(websockets_connections_total{pod="websocket-<i>"}) for each ordinal below spec.replicas.
// Where the query finds nothing, and where it fails, the original goes on with 0.
std::vector<double> connections_by_ordinal(const Observation& observation) {
  std::vector<double> connections(static_cast<std::size_t>(observation.replicas), 0.0);
  if (observation.metrics == MetricsStatus::error) return connections;
  for (const PodObservation& pod : observation.pods) {
    const std::optional<int> ordinal = ordinal_of(pod.name);
    if (!ordinal || *ordinal >= observation.replicas || !pod.connections) continue;
    connections[static_cast<std::size_t>(*ordinal)] += *pod.connections;
  }
  return connections;
}

const char* words_for(MetricsStatus metrics) {
  switch (metrics) {
    case MetricsStatus::error:
      return " (metrics unreadable: all read as 0)";
    case MetricsStatus::empty:
      return " (no samples: all read as 0)";
    case MetricsStatus::ok:
      break;
  }
  return "";
}

}  // namespace

Decision OriginalPolicy::decide(const Observation& observation) {
  Decision decision;
  const int replicas = observation.replicas;
  if (replicas <= 0) {
    decision.reason = "no replicas: no pod to look at";
    return decision;
  }
  const std::vector<double> connections = connections_by_ordinal(observation);
  const double last = connections.back();
  const char* note = words_for(observation.metrics);
  if (last >= settings_.max_connections && replicas < settings_.max_replicas) {
    decision.replicas = replicas + 1;
    decision.reason = fmt::format("last pod, ordinal {}, is full with {:g} of {:g}: one more{}",
                                  replicas - 1, last, settings_.max_connections, note);
    return decision;
  }
  double others = 0;
  bool others_idle = true;
  for (std::size_t i = 0; i + 1 < connections.size(); ++i) {
    others += connections[i];
    others_idle = others_idle && connections[i] == 0;
  }
  if (others_idle && replicas > settings_.min_replicas) {
    decision.replicas = replicas - 1;
    decision.reason =
        fmt::format("all pods but the last have 0 (the last has {:g}): one fewer{}", last, note);
    return decision;
  }
  decision.reason = fmt::format("last pod has {:g} of {:g}, the others {:g} together{}", last,
                                settings_.max_connections, others, note);
  return decision;
}

nlohmann::json OriginalPolicy::state() const { return nlohmann::json::object(); }

Result<void> OriginalPolicy::restore(const nlohmann::json& state) {
  return read_state("original", state, [](const nlohmann::json&) {});
}

std::unique_ptr<Policy> make_original(TomlTable policy_table, const PolicyContext& context) {
  OriginalSettings settings;
  settings.max_connections = static_cast<double>(
      policy_table.integer("max_connections", context.server_max_connections, {.min = 1}));
  settings.min_replicas = context.min_replicas;
  settings.max_replicas = context.max_replicas;
  policy_table.finish();
  return std::make_unique<OriginalPolicy>(settings);
}

}  // namespace wsfleet
