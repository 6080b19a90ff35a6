// SPDX-License-Identifier: Apache-2.0
#pragma once
// All that a load worker has to do at given times, in one heap: timers per socket would cost more
// than the sockets. Nothing is cancelled: an event whose generation is not its session's any more
// is dropped when it comes up. Pure.

#include <cstdint>
#include <queue>
#include <vector>

#include "core/time.h"

namespace wsfleet {

enum class TimerKind : std::uint8_t {
  arrival,        // the next planned session starts
  attempt,        // a session tries again
  deadline,       // of an attempt
  admitted,       // not told 1013 so far: the connection counts as open
  session_end,    // its own
  message,        // one is due
  idle,           // has anything come?
  close_timeout,  // a close was not answered
  targets,        // has --targets-file been replaced?
  tick,           // look at the stop flag, publish figures
  run_end,
};

struct TimerEvent {
  TimeNs at = 0;
  std::uint32_t slot = 0;  // of the session
  std::uint32_t generation = 0;
  TimerKind kind = TimerKind::tick;
};

class TimerQueue {
 public:
  void push(const TimerEvent& event) { heap_.push(event); }
  bool empty() const { return heap_.empty(); }
  const TimerEvent& top() const { return heap_.top(); }
  TimerEvent pop() {
    const TimerEvent event = heap_.top();
    heap_.pop();
    return event;
  }
  std::size_t size() const { return heap_.size(); }

 private:
  struct Later {
    bool operator()(const TimerEvent& a, const TimerEvent& b) const { return a.at > b.at; }
  };
  std::priority_queue<TimerEvent, std::vector<TimerEvent>, Later> heap_;
};

}  // namespace wsfleet
