// SPDX-License-Identifier: Apache-2.0
#include "scaler/live/term/scaler_clock.h"

#include <algorithm>
#include <utility>

#include "core/live/live_clock.h"

namespace wsfleet {
namespace {

constexpr TimeNs kLongestWait = kSecond / 2;

}  // namespace

void Wakeup::notify() {
  const std::lock_guard lock(mutex_);
  notified_ = true;
  changed_.notify_all();
}

void Wakeup::wait(TimeNs time) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::nanoseconds(std::max<TimeNs>(0, time)),
                    [this] { return notified_; });
  notified_ = false;
}

ScalerClock::ScalerClock(TimeNs now, std::function<bool()> goes_on, Wakeup& wakeup)
    : zero_(monotonic_now() - now), goes_on_(std::move(goes_on)), wakeup_(wakeup) {}

TimeNs ScalerClock::now() { return monotonic_now() - zero_; }

bool ScalerClock::sleep_until(TimeNs time) {
  while (goes_on_()) {
    const TimeNs left = time - now();
    if (left <= 0) return true;
    wakeup_.wait(std::min(left, kLongestWait));
  }
  return false;
}

TimeNs axis_start(TimeNs wall, TimeNs epoch, const double* last_s) {
  const TimeNs start = wall - epoch;
  return last_s == nullptr ? start : std::max(start, from_seconds(*last_s) + kMicrosecond);
}

}  // namespace wsfleet
