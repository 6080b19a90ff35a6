// SPDX-License-Identifier: Apache-2.0
#pragma once
// A planned run as a live backend takes it. Pure.

#include <string>

#include "cluster/live/live_settings.h"
#include "core/result.h"
#include "engine/plan.h"

namespace wsfleet {

/// `logs`: the directory where logs are to stay.
LiveSettings live_settings(const PlannedRun& run, const std::string& logs);

/// ErrorKind::usage for a policy that runs in simulation only.
Result<void> check_policy_is_live(const PlannedRun& run);

}  // namespace wsfleet
