// SPDX-License-Identifier: Apache-2.0
#pragma once
// The clients of a live run: wsfleet-loadgen processes that share out the scenario's sessions by
// serial and start together. Used on the harness' main thread.

#include <string>
#include <vector>

#include "cluster/local/local.h"
#include "cluster/local/process.h"
#include "loadgen/live/load_report.h"

namespace wsfleet {

/// What load generators are started with.
struct ClientsPlan {
  std::string program;
  std::string scratch;  // directory for the scenario and the results
  std::string logs;     // directory
  pid_t group = 0;
  std::string url;                // of the ingress; "" with a file of targets
  std::string targets_file;       // without an ingress
  TimeNs epoch = 0;               // t = 0 on the monotonic clock
  std::int64_t sessions_max = 0;  // that want to be connected at a time
};

/// How long before t = 0 clients have to be started: their own start, and a steady population.
TimeNs clients_lead(const LocalSettings& settings);

class LiveClients {
 public:
  static Result<LiveClients> start(const LocalSettings& settings, const ClientsPlan& plan);

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
