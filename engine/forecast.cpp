// SPDX-License-Identifier: Apache-2.0
#include "engine/forecast.h"

namespace wsfleet {
Forecast forecast(const Scenario& scenario, std::uint64_t seed) {
  Forecast forecast;
  forecast.offered = offered_seconds(scenario.duration, scenario.start_steady, seed,
                                     scenario.workload, scenario.server, scenario.objective);
  for (const OfferedSecond& offered : forecast.offered) {
    forecast.demand.push_back(
        demand(scenario.objective, static_cast<double>(offered.sessions), offered.cpu_cores));
  }
  return forecast;
}

}  // namespace wsfleet
