// SPDX-License-Identifier: Apache-2.0
#pragma once
// How control code waits in simulated time. Tasks run one at a time; whenever one wakes, the data
// plane has been brought up to that time first (events with t <= now). Every task has microseconds
// of its own within a grid, so no two ever wake at the same instant and their order is defined.
// SimGrid's executor is the real one; a naive loop stands beside it in the tests.

#include <functional>
#include <string>

#include "core/time.h"

namespace wsfleet {

class Executor {
 public:
  /// At most this many tasks in a run: one microsecond of the grid each.
  static constexpr int kMaxTasks = 32;
  static constexpr TimeNs kGrid = kMaxTasks * kMicrosecond;

  virtual ~Executor() = default;

  /// Where a task's wake-ups at or after `time` fall.
  static TimeNs slot_time(TimeNs time, int task) {
    const TimeNs offset = task * kMicrosecond;
    const TimeNs steps = (time - offset + kGrid - 1) / kGrid;
    return (steps > 0 ? steps * kGrid : 0) + offset;
  }

  virtual TimeNs now() const = 0;
  /// Starts a task at the current time, before or during run(). Returns its number.
  virtual int spawn(const std::string& name, std::function<void()> body) = 0;
  /// For the calling task: returns at the first slot of it that is not before `time`, or earlier
  /// when the task is woken by wake().
  virtual void wait_until(TimeNs time) = 0;
  /// Lets a waiting task return from wait_until at its next slot.
  virtual void wake(int task) = 0;
  /// Called with the time at each wake-up, before the task goes on.
  virtual void on_advance(std::function<void(TimeNs)> advance) = 0;
  /// Runs until every task has ended.
  virtual void run() = 0;
};

}  // namespace wsfleet
