// SPDX-License-Identifier: Apache-2.0
#include "scaler/hold.h"

#include <fmt/format.h>

#include <utility>

namespace wsfleet {
namespace {

Hold stricter(Hold a, Hold b) { return b.permit > a.permit ? b : a; }

}  // namespace

Hold hold_on_missing_data(const Observation& observation) {
  if (observation.metrics == MetricsStatus::error) {
    return {Permit::scale_up, "metrics_error", "the metrics can't be read"};
  }
  if (observation.metrics == MetricsStatus::empty) {
    return {Permit::scale_up, "metrics_empty", "the metrics have no sample"};
  }
  int running = 0;
  int unknown = 0;
  for (const PodObservation& pod : observation.pods) {
    if (pod.phase != PodPhase::running || pod.terminating) continue;
    ++running;
    if (!pod.connections) ++unknown;
  }
  if (2 * unknown > running) {
    return {Permit::scale_up, "metrics_partial",
            fmt::format("{} of {} running pods have no sample", unknown, running)};
  }
  return {};
}

Hold hold_for(const Observation& observation, const HoldSettings& settings,
              const Result<void>& may_act) {
  if (!may_act) return {Permit::nothing, "not_leading", may_act.error().message};
  if (!settings.on_doubt) return {};
  const Hold missing = hold_on_missing_data(observation);
  if (observation.time_s >= settings.until_s) return missing;
  return stricter(missing, {Permit::scale_up, "new_leader", settings.why_until});
}

bool permits(Permit permit, int current, int wanted) {
  if (permit == Permit::nothing) return wanted == current;
  return permit == Permit::all || wanted >= current;
}

Decision hold_back(const Hold& hold, int current, Decision decision) {
  if (hold.permit == Permit::all) return decision;
  Held held{hold.reason, hold.text, {}};
  const auto take = [&held](auto& orders, const char* name) {
    if (orders.empty()) return;
    orders.clear();
    held.what.emplace_back(name);
  };
  if (decision.replicas && !permits(hold.permit, current, *decision.replicas)) {
    decision.replicas.reset();
    held.what.emplace_back("replicas");
  }
  take(decision.drain, "drain");
  take(decision.shed, "shed");
  take(decision.deletion_costs, "deletion_costs");
  if (!held.what.empty()) decision.held = std::move(held);
  return decision;
}

}  // namespace wsfleet
