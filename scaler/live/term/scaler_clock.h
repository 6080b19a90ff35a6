// SPDX-License-Identifier: Apache-2.0
#pragma once
// The control loop's clock while this scaler leads, and what wakes those who wait. The wall clock
// says once where on the axis from the epoch it is; from there on it is monotonic, whatever
// happens to the wall clock.

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>

#include "core/seam/seam.h"

namespace wsfleet {

/// Thread-safe.
class Wakeup {
 public:
  void notify();
  /// Until notify() or for `time`, whichever comes first.
  void wait(TimeNs time);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool notified_ = false;
};

class ScalerClock : public Clock {
 public:
  /// `now` is the time on the axis at this moment. `goes_on` is asked at least each half second,
  /// and when `wakeup` says so; once it is false the clock has ended.
  ScalerClock(TimeNs now, std::function<bool()> goes_on, Wakeup& wakeup);

  TimeNs now() override;
  bool sleep_until(TimeNs time) override;

 private:
  const TimeNs zero_;  // monotonic
  const std::function<bool()> goes_on_;
  Wakeup& wakeup_;
};

/// Where leadership begins on the axis: the wall clock's word, but after the last decision that is
/// known of (`last_s`), so that time never runs backwards where wall clocks differ.
TimeNs axis_start(TimeNs wall, TimeNs epoch, const double* last_s);

}  // namespace wsfleet
