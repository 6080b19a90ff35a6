// SPDX-License-Identifier: Apache-2.0
#pragma once
// How the harness waits for programs that it started: by asking.

#include <functional>

#include "core/time.h"

namespace wsfleet {

/// Waits for `condition`, asking every few milliseconds; false when `patience` ran out or the user
/// stopped the run.
bool wait_for(const std::function<bool()>& condition, TimeNs patience);
/// Does nothing for so long.
void rest(TimeNs time);

}  // namespace wsfleet
