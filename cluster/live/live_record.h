// SPDX-License-Identifier: Apache-2.0
#pragma once
// The recorder's rows of a live run, put together from what the harness saw of the fleet, what the
// load generators counted, and the load that the scenario offers. Pure.

#include <limits>
#include <string>
#include <vector>

#include "cluster/live/fleet_second.h"
#include "cluster/offered_load.h"
#include "core/seam/run_record.h"
#include "loadgen/live/figures/figures.h"
#include "loadgen/live/figures/load_report.h"

namespace wsfleet {

/// That are there at a time.
std::int64_t most_sessions(const std::vector<OfferedSecond>& offered);

/// One row per second of `fleet`. Closes without a close frame are the scaling's within a few
/// seconds of a terminating pod's end, up to as many as that had open; all others are a failure's.
/// Nobody counts what clients should have heard of a room, nor the keys in Redis.
std::vector<SecondRow> live_rows(const std::vector<FleetSecond>& fleet, const LoadFigures& clients,
                                 const std::vector<OfferedSecond>& offered,
                                 const ServerSettings& server);

/// A live run that is over.
struct LiveRun {
  const std::vector<FleetSecond>& fleet;
  const LoadReport& clients;
  int client_processes = 0;
  const std::vector<OfferedSecond>& offered;
  double endpoints_known_p50_s = std::numeric_limits<double>::quiet_NaN();
  const ServerSettings& server;
  std::vector<std::string> notices;
};
/// Its rows, histograms and figures, for the recorder.
void record_live_run(const LiveRun& run, Recorder& recorder);

}  // namespace wsfleet
