// SPDX-License-Identifier: Apache-2.0
#pragma once
// What only several sections together can get wrong, and what a backend can't honour. Errors land
// in the scenario's document, at the key; what is merely odd comes back as a warning with its
// remedy.

#include <string>

#include "engine/scenario/scenario.h"

namespace wsfleet {

/// Called once the faults and the duration are known to be well-formed.
void check_fault_times(Scenario& scenario);

/// Faults and modes that ask for Redis or rooms that the scenario does not have.
void check_redis_and_rooms(Scenario& scenario);

/// For a scenario without mistakes.
Warnings warnings_of(const Scenario& scenario);

/// Keys and faults that `backend` can't honour, expectations on scores that it can't know: an error
/// at the key, naming both.
void check_backend(Scenario& scenario, const std::string& backend);

/// How many pods the scheduler can place by their requests of CPU and memory.
int pods_that_fit(const ClusterSettings& cluster);

}  // namespace wsfleet
