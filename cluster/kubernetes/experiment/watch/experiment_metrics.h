// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the cluster's Prometheus says of an experiment, read through the API server's proxy, so that
// it need not be reachable from here: how it stands, for the status line, and afterwards sockets,
// CPU and refusals of each pod second by second.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cluster/kubernetes/api/api_client.h"
#include "cluster/kubernetes/experiment/watch/fleet_log.h"
#include "cluster/live/fleet_second.h"
#include "core/result.h"
#include "core/time.h"

namespace wsfleet {

class ExperimentMetrics {
 public:
  /// `service`: "[namespace/]service:port". `client` outlives it.
  ExperimentMetrics(ApiClient& client, std::string name_space, const std::string& service);
  ~ExperimentMetrics();

  /// An error in words when Prometheus can't be asked.
  Result<void> check();
  /// How often the servers of the namespace are scraped; nothing where Prometheus does not say.
  Result<std::optional<TimeNs>> scrape_interval();
  /// The Service's name; "" when it is in another namespace.
  std::string service_in_namespace() const;

  struct Latest {
    std::int64_t connections = 0;
    std::int64_t refused = 0;
  };
  /// As of the last answer; asks on a thread of its own, every 2 s from the first call on.
  Latest latest();

  /// Fills in what the API does not know of `seconds`, the first of which began at `epoch` (since
  /// 1970).
  Result<void> complete(std::vector<FleetSecond>& seconds, TimeNs epoch, TimeNs scrape_interval,
                        const std::vector<FleetLog::ScaledDown>& scaled_down);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace wsfleet
