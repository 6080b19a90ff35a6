// SPDX-License-Identifier: Apache-2.0
#pragma once
// The clients of a live run: wsfleet-loadgen processes that share out the scenario's sessions by
// serial and start together. Used on the harness' main thread.

#include <string>
#include <vector>

#include "cluster/live/live_settings.h"
#include "core/process/process.h"
#include "loadgen/live/figures/load_report.h"

namespace wsfleet {

/// Whom load generators connect to, and where from.
struct LoadTarget {
  std::string url;           // of the ingress; "" with a file of targets
  std::string host;          // what the ingress knows it by, where that is not the URL's; or ""
  std::string targets_file;  // without an ingress
  bool on_loopback = true;   // from loopback addresses, as many as the scenario has; else its own
};

/// What load generators are started with.
struct ClientsPlan {
  std::string program;
  std::string scratch;  // directory for the scenario and the results
  std::string logs;     // directory
  pid_t group = 0;
  LoadTarget target;
  TimeNs epoch = 0;               // t = 0 on the monotonic clock
  std::int64_t sessions_max = 0;  // that want to be connected at a time
};

/// The load generator's arguments that do not depend on its shard and its clock. `scenario`: the
/// file as it finds it; `trace`: that of a trace workload, "" for others. Pure.
std::vector<std::string> load_arguments(const LiveSettings& settings, const LoadTarget& target,
                                        const std::string& scenario, const std::string& trace);

/// How long before t = 0 clients have to be started: their own start, and a steady population.
TimeNs clients_lead(const LiveSettings& settings);

class LiveClients {
 public:
  static Result<LiveClients> start(const LiveSettings& settings, const ClientsPlan& plan);

  std::size_t processes() const { return processes_.size(); }
  /// An error when one ended before its time, with the end of its log.
  Result<void> check();
  bool ended();
  void stop();
  /// Merged figures of all; after ended().
  Result<LoadReport> report() const;

 private:
  std::vector<Process> processes_;
  std::vector<std::string> results_;
  std::vector<std::string> logs_;
};

}  // namespace wsfleet
