// SPDX-License-Identifier: Apache-2.0
#pragma once
// The messages of one connection: when each is meant to go out and which ones are still to be
// answered. Open model: at fixed times from the opening on, whatever the answers do, so that a slow
// server shows in the latency and does not slow the load (no coordinated omission). Closed model: a
// number of messages in flight, each answer followed by another message. Nothing is allocated per
// message. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"

namespace wsfleet {

/// What comes back for a message.
enum class Replies {
  echo,  // the message itself
  room,  // the message itself, and those of the other members of the room
  none,  // nothing: sent is all that is known of it
};

struct MessageSettings {
  TimeNs period = 0;      // open model, between two messages of one connection; 0: none
  int in_flight = 0;      // closed model; 0: none
  TimeNs think_time = 0;  // closed model: from an answer to the next message
  std::int64_t bytes = 100;
  Replies replies = Replies::echo;
};

/// A first-in, first-out queue of times that keeps its memory.
class TimeRing {
 public:
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  TimeNs front() const { return times_[first_]; }
  void push(TimeNs time) {
    if (size_ == times_.size()) grow();
    times_[(first_ + size_++) & (times_.size() - 1)] = time;
  }
  TimeNs pop() {
    const TimeNs time = times_[first_];
    first_ = (first_ + 1) & (times_.size() - 1);
    --size_;
    return time;
  }

 private:
  void grow();

  std::vector<TimeNs> times_;  // as many as a power of two
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

class MessageFlow {
 public:
  /// `phase` (0..1): where in its period a connection of the open model sends.
  void opened(const MessageSettings& settings, TimeNs now, double phase);

  /// When the next message is meant to go out; kNever when that waits for an answer, or there is
  /// none.
  TimeNs next_due() const {
    if (period_ > 0) return next_;
    return due_.empty() ? kNever : due_.front();
  }
  /// The message that is due goes out: its number in this connection, from 0.
  std::uint64_t sent() {
    const TimeNs intended = next_due();
    if (period_ > 0) {
      next_ += period_;
    } else {
      due_.pop();
    }
    if (expects_replies_) in_flight_.push(intended);
    return sent_++;
  }
  /// Nothing to be answered: what came was nobody's reply.
  bool awaits_reply() const { return !in_flight_.empty(); }
  /// The number of the message that the next reply should carry.
  std::uint64_t next_reply() const { return replied_; }
  /// The reply to the oldest one is here: when that was meant to go out.
  TimeNs replied(TimeNs now) {
    ++replied_;
    if (period_ == 0 && !stopped_) due_.push(now + think_time_);
    return in_flight_.pop();
  }

  std::size_t in_flight() const { return in_flight_.size(); }
  TimeNs oldest_in_flight() const { return in_flight_.front(); }
  /// The connection is gone, and what was in flight with it: when the oldest of it was meant to go
  /// out; absent when there is none left.
  std::optional<TimeNs> take_lost() {
    if (in_flight_.empty()) return std::nullopt;
    return in_flight_.pop();
  }
  /// Nothing more is due; what is in flight may still be answered.
  void stop() {
    period_ = 0;
    due_ = {};
    stopped_ = true;
  }

 private:
  TimeNs period_ = 0;
  TimeNs think_time_ = 0;
  TimeNs next_ = kNever;  // open model
  std::uint64_t sent_ = 0;
  std::uint64_t replied_ = 0;
  bool expects_replies_ = true;
  bool stopped_ = false;
  TimeRing due_;  // closed model
  TimeRing in_flight_;
};

/// What messages carry: serial and number (8 bytes each, little-endian), then a pattern that
/// depends on the place; cut to the length. One buffer, for sending and for checking.
class Payload {
 public:
  explicit Payload(std::int64_t bytes);

  /// Valid until the next call.
  std::string_view of(std::uint64_t serial, std::uint64_t number);
  bool matches(std::string_view received, std::uint64_t serial, std::uint64_t number) {
    return received == of(serial, number);
  }
  /// Absent when it is too short to say.
  static std::optional<std::uint64_t> serial_of(std::string_view received);

 private:
  std::string buffer_;
};

}  // namespace wsfleet
