// SPDX-License-Identifier: Apache-2.0
#pragma once
// The control loop, the same straight-line code in both worlds: at t = 0, interval, 2 * interval,
// ... it observes, lets the policy decide, clamps, holds (scaler/hold.h), records and applies. It
// blocks on the Clock; in simulation it runs as an actor, live on a thread of its own. What fails
// is recorded as an event and tried again by the next tick; no error of the cluster or of the
// metrics ends the loop.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/seam/seam.h"
#include "core/time.h"
#include "scaler/hold.h"
#include "scaler/policies/policy.h"

namespace wsfleet {

struct ControlLoopSettings {
  TimeNs interval = 15 * kSecond;  // over 0
  int min_replicas = 1;            // 0 <= min <= max: decisions are clamped to these
  int max_replicas = 10;
  TimeNs end = kNever;  // no tick at or after it
  HoldSettings hold = {};
  /// Asked after each decision and before it is recorded: an Error (ErrorKind::not_leading) says
  /// why nothing of it may be done. Empty: nobody else could act.
  std::function<Result<void>(double time_s)> may_act = {};
};

struct ControlLoopSummary {
  std::int64_t ticks = 0;      // begun
  std::int64_t decisions = 0;  // made by the policy
  std::int64_t held = 0;       // decisions of which something was held back
  std::int64_t blind = 0;      // ticks without a decision: the cluster could not be read
  std::int64_t missed = 0;     // ticks skipped because the one before took too long
  std::int64_t scale_ups = 0;  // changes of spec.replicas that the cluster accepted
  std::int64_t scale_downs = 0;
  std::int64_t metrics_errors = 0;
  std::int64_t apply_errors = 0;
  std::vector<std::string> notices;  // verbs that this cluster can't do, each told once
};

/// Returns when the clock says that the run is over or when `end` is reached. An Error only for
/// settings that make no sense (ErrorKind::configuration).
Result<ControlLoopSummary> run_control_loop(Policy& policy, const ControlLoopSettings& settings,
                                            Clock& clock, Cluster& cluster, Metrics& metrics,
                                            Recorder& recorder);

}  // namespace wsfleet
