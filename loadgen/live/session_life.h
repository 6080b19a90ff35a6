// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a session does next when an attempt fails, its connection opens, is cut or ends: the rules
// of the simulated clients (cluster/simulated/clients.cpp), for real ones. A session's length is
// connected time; a cut one comes back for what is left of it. Pure values.

#include <algorithm>
#include <cstdint>
#include <optional>

#include "core/time.h"
#include "loadgen/live/session_plan.h"
#include "loadgen/sessions.h"

namespace wsfleet {

class SessionLife {
 public:
  explicit SessionLife(const PlannedSession& plan) : plan_(plan), remaining_(plan.length) {}

  const PlannedSession& plan() const { return plan_; }
  std::uint64_t serial() const { return plan_.serial; }
  /// What its time to connect counts from: those that are there at t = 0 wait from then on.
  TimeNs wanted_since() const { return plan_.already_there ? 0 : plan_.start; }
  bool was_open() const { return was_open_; }
  std::uint32_t attempts() const { return attempts_; }
  /// When the open connection is to be closed by the session itself.
  TimeNs ends_at() const { return ends_at_; }

  void begin_attempt() {
    if (attempts_ < UINT16_MAX) ++attempts_;  // as far as simulation counts
  }
  void opened(TimeNs now) {
    was_open_ = true;
    failed_in_a_row_ = 0;
    const TimeNs from = plan_.already_there ? std::max<TimeNs>(now, 0) : now;
    ends_at_ = std::min(plan_.until, remaining_ > kNever - from ? kNever : from + remaining_);
  }

  enum class Next { retry, completed, lost };
  struct Step {
    Next next = Next::lost;
    TimeNs at = 0;  // of the retry
  };
  /// An attempt was refused or failed; the server asked not to come back within `retry_after`.
  Step attempt_failed(TimeNs now, const ReconnectModel& reconnects, TimeNs retry_after = 0) {
    if (failed_in_a_row_ < UINT16_MAX) ++failed_in_a_row_;
    return try_again(now, reconnects, retry_after);
  }
  /// Something else than the session itself ended the connection.
  Step cut(TimeNs now, const ReconnectModel& reconnects) {
    if (ends_at_ != kNever) remaining_ = ends_at_ - now;
    if (remaining_ <= 0) return {Next::completed, 0};  // it was about to leave anyway
    return try_again(now, reconnects, 0);
  }

 private:
  Step try_again(TimeNs now, const ReconnectModel& reconnects, TimeNs retry_after) const {
    const auto delay = reconnects.delay(plan_.serial, failed_in_a_row_, attempts_);
    if (!delay) return {Next::lost, 0};
    const TimeNs at = now + std::max(*delay, retry_after);
    if (at >= plan_.until) return {was_open_ ? Next::completed : Next::lost, 0};
    return {Next::retry, at};
  }

  PlannedSession plan_;
  TimeNs remaining_;
  TimeNs ends_at_ = kNever;
  std::uint32_t attempts_ = 0;
  std::uint32_t failed_in_a_row_ = 0;
  bool was_open_ = false;
};

}  // namespace wsfleet
