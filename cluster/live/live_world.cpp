// SPDX-License-Identifier: Apache-2.0
#include "cluster/live/live_world.h"

#include <algorithm>
#include <chrono>

#include "core/live/live_clock.h"

namespace wsfleet {

TimeNs LiveClock::now() { return monotonic_now() - epoch_; }

bool LiveClock::sleep_until(TimeNs time) {
  std::unique_lock lock(mutex_);
  const TimeNs until = std::min(time, end_);
  while (!finished_) {
    const TimeNs left = until - now();
    if (left <= 0) break;
    finished_changed_.wait_for(lock, std::chrono::nanoseconds(left));
  }
  return !finished_ && time <= end_;
}

void LiveClock::finish() {
  const std::lock_guard lock(mutex_);
  finished_ = true;
  finished_changed_.notify_all();
}

void LiveTasks::spawn(const std::string& /*name*/, std::function<void()> body) {
  const std::lock_guard lock(mutex_);
  threads_.emplace_back(std::move(body));
}

void LiveTasks::join() {
  const std::lock_guard lock(mutex_);
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void LockedRecorder::second(const SecondRow& row) {
  const std::lock_guard lock(mutex_);
  next_.second(row);
}
void LockedRecorder::event(const FleetEvent& event) {
  const std::lock_guard lock(mutex_);
  next_.event(event);
}
void LockedRecorder::decision(const Observation& observation, const Decision& decision) {
  const std::lock_guard lock(mutex_);
  next_.decision(observation, decision);
}
void LockedRecorder::clients(const ClientHistograms& histograms) {
  const std::lock_guard lock(mutex_);
  next_.clients(histograms);
}
void LockedRecorder::figures(const RunFigures& figures) {
  const std::lock_guard lock(mutex_);
  next_.figures(figures);
}

}  // namespace wsfleet
