// SPDX-License-Identifier: Apache-2.0
#pragma once
// The `[scaler]` section as values. Read by scaler_section.h; each policy reads its own
// `[policy.<name>]` table.

#include <optional>
#include <string>

#include "core/time.h"

namespace wsfleet {

/// Who runs the policy.
enum class RunBy {
  autoscaler,      // it acts on what it has, as the original's script or an HPA does
  wsfleet_scaler,  // it holds in doubt (hold.h)
};

constexpr const char* name_of(RunBy run_by) {
  return run_by == RunBy::autoscaler ? "autoscaler" : "wsfleet-scaler";
}
/// Where nobody says so: what a simulation compares are autoscalers, what runs for real is careful.
constexpr RunBy default_run_by(bool live) {
  return live ? RunBy::wsfleet_scaler : RunBy::autoscaler;
}

struct ScalerSettings {
  int min_replicas = 1;
  int max_replicas = 10;
  int initial_replicas = 0;  // 0: min_replicas
  std::string policy = "hpa";
  TimeNs interval = 0;                         // 0: the policy's own
  std::optional<RunBy> run_by = std::nullopt;  // absent: default_run_by() of the world

  int initial() const { return initial_replicas > 0 ? initial_replicas : min_replicas; }
};

}  // namespace wsfleet
