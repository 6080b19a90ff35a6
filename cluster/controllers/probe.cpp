// SPDX-License-Identifier: Apache-2.0
#include "cluster/controllers/probe.h"

#include <algorithm>

namespace wsfleet {
namespace {

constexpr TimeNs kLongestRestartDelay = 5 * kMinute;

}  // namespace

bool ReadinessProbe::record(bool success) {
  in_a_row_ = success == last_ ? in_a_row_ + 1 : 1;
  last_ = success;
  const int threshold = success ? settings_.success_threshold : settings_.failure_threshold;
  if (in_a_row_ < threshold || ready_ == success) return false;
  ready_ = success;
  return true;
}

void ReadinessProbe::reset() { ready_ = false; }

TimeNs restart_delay(TimeNs initial, int crashes) {
  if (crashes <= 0) return 0;
  TimeNs delay = std::min(initial, kLongestRestartDelay);
  for (int i = 1; i < crashes && delay < kLongestRestartDelay && delay > 0; ++i) delay *= 2;
  return std::min(delay, kLongestRestartDelay);
}

}  // namespace wsfleet
