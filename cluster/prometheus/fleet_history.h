// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a Prometheus knows of each pod of a fleet, second by second, after the fact: open
// connections, refusals, closes, CPU time (docs/formats/prometheus.md). Asks by range queries,
// through whatever fetches them. One thread.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/net/http_client.h"
#include "core/result.h"
#include "core/time.h"

namespace wsfleet {

/// GET of a target like "/api/v1/query_range?query=...", straight or through a proxy.
using PrometheusFetch = std::function<Result<HttpResponse>(const std::string& target)>;

struct FleetHistoryRequest {
  std::string matchers = {};  // `namespace="chat"`; "" for none
  std::string uid_label = "uid";
  TimeNs start = 0;  // since 1970, on Prometheus' clock
  TimeNs end = 0;    // whole seconds later
  TimeNs scrape_interval = kSecond;
  TimeNs chunk = 2 * kMinute;  // of one query; answers have to fit kMaxHttpBodyBytes
};

struct PodSecond {
  std::optional<double> connections = {};  // at its end; absent: not known for 3 scrape intervals
  std::map<std::string, double> refused = {};  // in this second, by reason; none that is 0
  std::map<std::string, double> closed = {};   // the same by cause
  double cpu_s = 0;                            // used, as far as scrapes of this second show

  bool operator==(const PodSecond&) const = default;
};

/// Element i is of the second that ends i + 1 seconds after `start`: pods by uid, those of which
/// something is known.
using FleetHistory = std::vector<std::map<std::string, PodSecond>>;

/// Errors are those of `fetch`, and `unavailable` with what Prometheus said.
Result<FleetHistory> read_fleet_history(const PrometheusFetch& fetch,
                                        const FleetHistoryRequest& request);

}  // namespace wsfleet
