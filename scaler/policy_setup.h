// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a policy and its control loop are told, made of `[scaler]` and of what other sections say:
// the same for every world, wsfleet-scaler and `wsfleet decide`. Pure.

#include <cstdint>

#include "scaler/control_loop.h"
#include "scaler/policies/policies.h"
#include "scaler/settings.h"

namespace wsfleet {

/// Between decisions: the policy's own unless `[scaler] interval` says otherwise.
TimeNs effective_interval(const ScalerSettings& scaler, const PolicyEntry& entry);

/// Without demand, which only simulation has.
PolicyContext policy_context(const ScalerSettings& scaler, std::int64_t server_max_connections,
                             int connections_per_pod);

/// No tick at or after `end`; held in doubt where wsfleet-scaler runs it (a planned run's `run_by`
/// is never absent).
ControlLoopSettings control_loop_settings(const ScalerSettings& scaler, const PolicyEntry& entry,
                                          TimeNs end = kNever);

}  // namespace wsfleet
