// SPDX-License-Identifier: Apache-2.0
#pragma once
// The dry pass: the demand of a scenario's clients, second by second, as if nothing were ever
// refused, from the same streams as in a run: the oracle knows the very clients that will come.
// Pure.

#include <cstdint>
#include <vector>

#include "cluster/offered_load.h"
#include "engine/scenario/scenario.h"

namespace wsfleet {

/// One value per second [t, t + 1) of the run.
struct Forecast {
  std::vector<OfferedSecond> offered;
  std::vector<int> demand;
};

Forecast forecast(const Scenario& scenario, std::uint64_t seed);

}  // namespace wsfleet
