// SPDX-License-Identifier: Apache-2.0
#pragma once
// The seam's objects that all live backends share: a clock over the machine's monotonic one, tasks
// that are threads, a recorder that takes several callers.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/seam/seam.h"

namespace wsfleet {

class LiveClock : public Clock {
 public:
  LiveClock(TimeNs epoch, TimeNs end) : epoch_(epoch), end_(end) {}
  TimeNs now() override;
  bool sleep_until(TimeNs time) override;
  /// Everybody wakes up: the run is over.
  void finish();

 private:
  TimeNs epoch_;
  TimeNs end_;
  std::mutex mutex_;
  std::condition_variable finished_changed_;
  bool finished_ = false;
};

class LiveTasks : public Tasks {
 public:
  ~LiveTasks() override { join(); }
  void spawn(const std::string& name, std::function<void()> body) override;
  void join();

 private:
  std::mutex mutex_;
  std::vector<std::thread> threads_;
};

/// Hands on to a recorder that takes one caller at a time.
class LockedRecorder : public Recorder {
 public:
  explicit LockedRecorder(Recorder& next) : next_(next) {}
  void second(const SecondRow& row) override;
  void event(const FleetEvent& event) override;
  void decision(const Observation& observation, const Decision& decision) override;
  void clients(const ClientHistograms& histograms) override;
  void figures(const RunFigures& figures) override;

 private:
  std::mutex mutex_;
  Recorder& next_;
};

}  // namespace wsfleet
