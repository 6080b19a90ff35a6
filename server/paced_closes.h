// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a server closes because it was told to: its drain, or the sheds that are under way, each at
// its own pace. A drain takes over from the sheds and ends only with the process; a shed takes its
// share of the connections that no earlier one has yet to close, so that two halves leave a quarter
// however fast they are. The simulated pod and the real server both ask it. Pure: time comes in.
// Not thread-safe.

#include <cstdint>
#include <vector>

#include "core/time.h"
#include "server/rules.h"

namespace wsfleet {

class PacedCloses {
 public:
  explicit PacedCloses(const DrainSettings& drain) : pacing_(drain) {}

  /// Everything goes, from now on; sheds that are under way end. `sockets`: those that are open,
  /// and handshakes under way where they are known. Only the first drain counts. Returns how many.
  std::int64_t begin_drain(TimeNs now, std::int64_t sockets);
  /// Returns how many it will close: none while the server drains.
  std::int64_t begin_shed(TimeNs now, std::int64_t open, double share);
  bool draining() const { return draining_; }

  /// How many of the `open` ones to close now; they count as closed from then on. Of a drain that
  /// is over, all (they were handshakes when it began); of sheds never more than were announced,
  /// and what is due while nobody is open is forgone with the rest of them.
  std::int64_t take(TimeNs now, std::int64_t open);
  /// When the next one is due; kNever when all have been taken, or with mode none.
  TimeNs next_due() const;

 private:
  struct Order {
    TimeNs begun = 0;
    std::int64_t total = 0;
    std::int64_t taken = 0;
  };
  std::int64_t take(Order& order, TimeNs now) const;

  DrainSettings pacing_;
  std::vector<Order> orders_;  // the drain, or the sheds
  bool draining_ = false;
};

}  // namespace wsfleet
