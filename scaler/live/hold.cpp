// SPDX-License-Identifier: Apache-2.0
#include "scaler/live/hold.h"

#include <fmt/format.h>

namespace wsfleet {

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

Hold stricter(Hold a, Hold b) { return b.permit > a.permit ? b : a; }

bool withholds(const Hold& hold, const Observation& observation, const Decision& decision) {
  if (hold.permit == Permit::all) return false;
  if (!decision.drain.empty() || !decision.shed.empty() || !decision.deletion_costs.empty()) {
    return true;
  }
  if (!decision.replicas) return false;
  return hold.permit == Permit::nothing ? *decision.replicas != observation.replicas
                                        : *decision.replicas < observation.replicas;
}

}  // namespace wsfleet
