// SPDX-License-Identifier: Apache-2.0
#pragma once
// The load generator as a Job: N pods, each with its share of the same sessions, told what to run
// by this class through the API server's proxy (docs/formats/loadgen-agent.md, ADR 15). While they
// run, a thread of its own asks how they are, so that check() and ended() never wait for an answer;
// an API server that is away for a while only makes what they say older. One thread at a time
// calls.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cluster/kubernetes/api/api_client.h"
#include "cluster/kubernetes/load/load_job_manifest.h"
#include "core/result.h"
#include "core/time.h"
#include "loadgen/live/figures/load_report.h"

namespace wsfleet {

class LoadJob {
 public:
  LoadJob(ApiClient& client, LoadJobSettings settings);
  /// Leaves the Job where it is; finish() removes it.
  ~LoadJob();

  /// Secret and Job. `conflict`: there is one of that name already; remove_load_job() removes it.
  Result<void> create();
  /// All pods run and their agents wait. An error names each pod that does not and why; at once
  /// where waiting can't help (a pod that failed, an image that may not be pulled), `stopped` when
  /// `stop` says so, `unavailable` when `timeout` is over.
  Result<void> wait_running(TimeNs timeout, const std::function<bool()>& stop);
  /// `arguments` of wsfleet-loadgen but for --shard and --json, with --start-at, so that all begin
  /// together; `files` by plain name, which the arguments may mention.
  Result<void> start(const std::vector<std::string>& arguments,
                     const std::map<std::string, std::string>& files,
                     TimeNs timeout = 30 * kSecond);
  /// An error when a load generator failed or its pod did or is gone, with the end of its log.
  Result<void> check() const;
  /// As last seen: every load generator has ended, or its pod has.
  bool ended() const;
  /// Asks all to stop and to write what they have; tried for `timeout`.
  void stop(TimeNs timeout = 10 * kSecond);
  /// Fetches all reports, each into its file (as many as pods), and merges them; after ended().
  Result<LoadReport> reports(const std::vector<std::string>& files, TimeNs timeout = 120 * kSecond);
  /// What each has written on stderr and stdout, into its file.
  Result<void> logs(const std::vector<std::string>& files, TimeNs timeout = 30 * kSecond);
  /// Releases the agents and removes Job, pods and Secret; also after errors, and again.
  Result<void> finish();

  int pods() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Removes Job, pods and Secret of that name, whoever made them; waits a little for the pods' end.
/// What is not there is no error.
Result<void> remove_load_job(ApiClient& client, const std::string& name_space,
                             const std::string& name);

}  // namespace wsfleet
