// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a live run met, as far as it shows in what was recorded: how long attempts and pods took.
// `wsfleet fidelity` gives it to the simulation (cluster/surroundings.h). Pure.

#include <vector>

#include "core/seam/run_record.h"

namespace wsfleet {

/// Fills in the medians of attempts that opened, and of the time from a pod's first event to its
/// first readiness, of pods made after t = 0.
void measure_surroundings(const std::vector<FleetEvent>& events, const ClientHistograms& clients,
                          Surroundings& surroundings);

}  // namespace wsfleet
