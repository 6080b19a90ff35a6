// SPDX-License-Identifier: Apache-2.0
#include "core/process/waiting.h"

#include <poll.h>

#include "core/live/live_clock.h"
#include "core/live/stop.h"

namespace wsfleet {

bool wait_for(const std::function<bool()>& condition, TimeNs patience) {
  const TimeNs until = monotonic_now() + patience;
  while (!condition()) {
    if (monotonic_now() > until || stop_requested()) return false;
    rest(5 * kMillisecond);
  }
  return true;
}

void rest(TimeNs time) { poll(nullptr, 0, static_cast<int>(time / kMillisecond)); }

}  // namespace wsfleet
