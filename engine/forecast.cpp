// SPDX-License-Identifier: Apache-2.0
#include "engine/forecast.h"

#include "core/random.h"
#include "loadgen/rate_function.h"
#include "loadgen/sessions.h"

namespace wsfleet {
namespace {

void offer_sessions(const Scenario& scenario, std::uint64_t seed, OfferedLoad& load) {
  const RandomStreams streams(seed);
  const RateFunction rate(scenario.workload.arrivals, scenario.workload.length, scenario.duration);
  const SessionModel sessions(scenario.workload, streams);
  if (scenario.start_steady) {
    const std::int64_t population = sessions.stationary_population(rate.rate_at(0));
    for (std::int64_t i = 0; i < population; ++i) {
      load.initial_session(sessions.residual(static_cast<std::uint64_t>(i)));
    }
  }
  ArrivalProcess arrivals(rate, streams);
  std::uint64_t serial = 0;
  for (TimeNs at = arrivals.next(); at < scenario.duration; at = arrivals.next()) {
    load.session(at, sessions.length(serial++));
  }
}

}  // namespace

Forecast forecast(const Scenario& scenario, std::uint64_t seed) {
  OfferedLoad load(scenario.duration, scenario.workload, scenario.server, scenario.objective);
  offer_sessions(scenario, seed, load);
  Forecast forecast;
  for (std::int64_t second = 0; second < scenario.duration / kSecond; ++second) {
    const OfferedSecond offered = load.take(second);
    forecast.offered.push_back(offered);
    forecast.demand.push_back(
        demand(scenario.objective, static_cast<double>(offered.sessions), offered.cpu_cores));
  }
  return forecast;
}

}  // namespace wsfleet
