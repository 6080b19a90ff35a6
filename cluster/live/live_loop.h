// SPDX-License-Identifier: Apache-2.0
#pragma once
// The main loop of a live run, the same for all live backends: from before t = 0 until its time is
// over and the experiment has returned it does the world's own work, ends its seconds, watches its
// clients, and hears the user's wish to stop. On the harness' main thread; the experiment has a
// thread of its own.

#include <functional>
#include <vector>

#include "cluster/live/fleet_second.h"
#include "cluster/live/live_settings.h"
#include "cluster/live/live_world.h"
#include "core/result.h"

namespace wsfleet {

/// What the loop turns around: the backend's part.
class LiveParts {
 public:
  virtual ~LiveParts() = default;
  /// Some 20 ms of the world's own work, or a rest of that length.
  virtual void turn() = 0;
  /// What was seen of the second that ended at `end`; in order, each once.
  virtual FleetSecond end_second(TimeNs end) = 0;
  /// Sockets and refusals so far, for people: `seen` was ended last.
  virtual LiveTraffic traffic(const FleetSecond& seen) = 0;
  /// An error when the run can't go on: load generators are gone, pods don't start.
  virtual Result<void> check() = 0;
  virtual bool clients_ended() = 0;
  virtual void stop_clients() = 0;
};

struct LiveLoop {
  LiveParts& parts;
  LiveClock& clock;
  TimeNs duration = 0;          // whole seconds
  TimeNs clients_end_within{};  // after the run; load generators write what they counted
  const LiveProgress& progress;
};

/// What was seen of each second, up to where the user stopped it.
struct LiveSeconds {
  std::vector<FleetSecond> seconds;
  bool stopped = false;
};

/// Calls `experiment` at t = 0 and returns after it; an error of check() ends the run early.
Result<LiveSeconds> run_live_loop(const LiveLoop& loop, const std::function<void()>& experiment);

}  // namespace wsfleet
