// SPDX-License-Identifier: Apache-2.0
#pragma once
// How the live tests wait: by deadline and never longer than needed. A deadline is generous, for
// machines that are slow and busy; it is what a failure costs, never what is measured.

#include <poll.h>

#include "core/live/live_clock.h"
#include "core/time.h"

namespace wsfleet {

inline constexpr TimeNs kPatience = 20 * kSecond;

/// What is left until `deadline`, as poll() counts it; at least 1 before it and 0 from then on.
inline int milliseconds_left(TimeNs deadline) {
  const TimeNs left = deadline - monotonic_now();
  return left <= 0 ? 0 : static_cast<int>(left / kMillisecond) + 1;
}

inline void pause_for(TimeNs time) { poll(nullptr, 0, static_cast<int>(time / kMillisecond)); }

/// Asks until `condition()` is true; false when it was not in time.
template <class Condition>
bool eventually(Condition condition, TimeNs patience = kPatience) {
  const TimeNs deadline = monotonic_now() + patience;
  for (TimeNs pause = kMillisecond; !condition();
       pause = pause < 20 * kMillisecond ? 2 * pause : pause) {
    if (monotonic_now() >= deadline) return false;
    pause_for(pause);
  }
  return true;
}

}  // namespace wsfleet
