// SPDX-License-Identifier: Apache-2.0
#include "scaler/live/term/lease_memory.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace wsfleet {

LeaseMemory::LeaseMemory(PolicyIdentity identity, const Policy& policy, Leadership& leadership,
                         ScalerStatus& status, EventLog& log)
    : identity_(std::move(identity)),
      policy_(policy),
      leadership_(leadership),
      status_(status),
      log_(log) {}

Result<void> LeaseMemory::leave(double time_s) {
  const Result<void> left =
      leadership_.hand_over({identity_.epoch, save_state(identity_, time_s, policy_.state())});
  if (!left) {
    status_.error("lease");
    if (left.error().message != last_error_) {
      log_.write(LogLevel::warning, "memory_not_left", {{"error", left.error().message}});
    }
  }
  last_error_ = left ? "" : left.error().message;
  const bool lost = !left && left.error().kind == ErrorKind::conflict;
  if (!lost && leadership_.leading()) return {};
  return fail(ErrorKind::not_leading, "this scaler does not lead any more");
}

}  // namespace wsfleet
