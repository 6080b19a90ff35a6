// SPDX-License-Identifier: Apache-2.0
#pragma once
// Runs an Elector: a thread that tries, renews and, at its end, releases. Candidates wait a
// jittered retry period, so that they do not all come at once.

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "cluster/kubernetes/lease/elector.h"

namespace wsfleet {

class LeaderElection {
 public:
  /// Called on the election's thread: leadership may have begun or ended; `trouble` is what the
  /// last try failed with, "" for nothing. Called for each change of one or the other.
  using OnChange = std::function<void(bool leading, const std::string& trouble)>;

  /// `elector` outlives it.
  LeaderElection(Elector& elector, OnChange on_change);
  /// Stops trying, then releases the Lease.
  ~LeaderElection();

 private:
  void run(const std::stop_token& stop);
  TimeNs pause() const;

  Elector& elector_;
  OnChange on_change_;
  std::mutex mutex_;
  std::condition_variable_any stopped_;
  std::jthread thread_;
};

}  // namespace wsfleet
