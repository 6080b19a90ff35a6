// SPDX-License-Identifier: Apache-2.0
#pragma once
// The life of a client: what it does next when an attempt fails, its connection opens or is cut.
// The simulated clients and the real ones both ask it. All times are the client's own: when it sees
// something, not when a server did it. Worlds differ in what they know, which comes in as an
// argument, never in a rule. Pure; small enough for the simulator's record of a connection.

#include <algorithm>
#include <cstdint>

#include "core/time.h"
#include "loadgen/sessions.h"

namespace wsfleet {

enum class NextStep : std::uint8_t { retry, completed, lost };

struct ClientStep {
  NextStep next = NextStep::lost;
  TimeNs at = 0;  // of the retry: when the client begins the attempt
};

class ClientLife {
 public:
  ClientLife() = default;
  /// `length`: of connected time; kNever: as long as it lasts.
  ClientLife(std::uint64_t serial, TimeNs length) : serial_(serial), time_(length) {}

  std::uint64_t serial() const { return serial_; }
  /// In the whole life; it numbers the draws of attempts and waits.
  std::uint32_t attempts() const { return attempts_; }
  bool was_open() const { return was_open_; }
  /// While it is open: when the session ends by itself.
  TimeNs ends_at() const { return time_; }

  void begin_attempt() {
    if (attempts_ < UINT16_MAX) ++attempts_;
  }

  /// Connected time counts from `from` on. The client leaves at `until` at the latest.
  void opened(TimeNs from, TimeNs until = kNever) {
    was_open_ = true;
    failed_in_a_row_ = 0;
    time_ = time_ > kNever - std::max<TimeNs>(from, 0) ? until : std::min(until, from + time_);
  }

  /// An attempt was refused or failed; the server asked not to come back within `retry_after`.
  ClientStep attempt_failed(TimeNs known_at, const ReconnectModel& reconnects,
                            TimeNs retry_after = 0, TimeNs until = kNever) {
    if (failed_in_a_row_ < UINT16_MAX) ++failed_in_a_row_;
    return try_again(known_at, reconnects, retry_after, until);
  }

  /// Something else than the session itself ended the connection. Its connected time stops at
  /// `lost_at`; over dead air the client knows only later. It comes back for what is left.
  ClientStep cut(TimeNs lost_at, TimeNs known_at, const ReconnectModel& reconnects,
                 TimeNs until = kNever) {
    if (time_ != kNever) time_ -= lost_at;
    if (time_ <= 0) return {NextStep::completed};  // it was about to leave anyway
    return try_again(known_at, reconnects, 0, until);
  }

 private:
  ClientStep try_again(TimeNs known_at, const ReconnectModel& reconnects, TimeNs retry_after,
                       TimeNs until) const {
    const auto delay = reconnects.delay(serial_, failed_in_a_row_, attempts_);
    if (!delay) return {NextStep::lost};
    const TimeNs at = known_at + std::max(*delay, retry_after);
    if (at >= until) return {was_open_ ? NextStep::completed : NextStep::lost};
    return {NextStep::retry, at};
  }

  std::uint64_t serial_ = 0;
  TimeNs time_ = 0;  // connected time still to come; while it is open: when the session ends
  std::uint16_t attempts_ = 0;         // saturates
  std::uint16_t failed_in_a_row_ = 0;  // saturates
  bool was_open_ = false;
};

}  // namespace wsfleet
