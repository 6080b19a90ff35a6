// SPDX-License-Identifier: Apache-2.0
#include "scaler/policies/oracle.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "scaler/policies/state_json.h"

namespace wsfleet {
namespace {

// max d over [from, to]; d(t) holds for the second that begins at t. Before the run the first value
// counts, after its end the last one.
int peak_demand(const std::vector<int>& demand, TimeNs from, TimeNs to) {
  const auto index = [&](TimeNs time) {
    const TimeNs last = static_cast<TimeNs>(demand.size()) - 1;
    return static_cast<std::ptrdiff_t>(std::clamp<TimeNs>(time / kSecond, 0, last));
  };
  return *std::max_element(demand.begin() + index(from), demand.begin() + index(to) + 1);
}

}  // namespace

Decision OraclePolicy::decide(const Observation& observation) {
  Decision decision;
  if (settings_.demand_per_second == nullptr || settings_.demand_per_second->empty()) {
    decision.reason = "the demand to come is not known outside simulation";
    return decision;
  }
  const TimeNs now = from_seconds(observation.time_s);
  const int peak = peak_demand(*settings_.demand_per_second, now, now + settings_.lead_time);
  const int wanted = std::clamp(peak, settings_.min_replicas, settings_.max_replicas);
  decision.reason = fmt::format("demand within the next {} peaks at {} pods",
                                format_duration(settings_.lead_time), peak);
  if (wanted != peak) {
    decision.reason +=
        fmt::format(", bounds are {} to {}", settings_.min_replicas, settings_.max_replicas);
  }
  if (wanted != observation.replicas) decision.replicas = wanted;
  return decision;
}

nlohmann::json OraclePolicy::state() const { return nlohmann::json::object(); }

Result<void> OraclePolicy::restore(const nlohmann::json& state) {
  return read_state("oracle", state, [](const nlohmann::json&) {});
}

std::unique_ptr<Policy> make_oracle(TomlTable policy_table, const PolicyContext& context) {
  OracleSettings settings;
  settings.lead_time = policy_table.duration("lead_time", settings.lead_time, {.max = 24 * kHour});
  settings.min_replicas = context.min_replicas;
  settings.max_replicas = context.max_replicas;
  settings.demand_per_second = context.demand_per_second;
  policy_table.finish();
  return std::make_unique<OraclePolicy>(settings);
}

}  // namespace wsfleet
