// SPDX-License-Identifier: Apache-2.0
#include "engine/scenario/forecast.h"

namespace wsfleet {
Forecast forecast(const Scenario& scenario, std::uint64_t seed) {
  Forecast forecast;
  forecast.offered = offered_seconds(run_description(scenario, seed));
  for (const OfferedSecond& offered : forecast.offered) {
    forecast.demand.push_back(
        demand(scenario.objective, static_cast<double>(offered.sessions), offered.cpu_cores));
  }
  return forecast;
}

}  // namespace wsfleet
