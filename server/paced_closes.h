// SPDX-License-Identifier: Apache-2.0
#pragma once
// A drain or shed under way: how many closes are due and not ordered yet, by the pacing rule. Pure:
// time comes in. Not thread-safe.

#include <cstdint>

#include "core/time.h"
#include "server/rules.h"

namespace wsfleet {

class PacedCloses {
 public:
  /// Of `total` connections, from `begun` on.
  PacedCloses(const DrainSettings& pacing, std::int64_t total, TimeNs begun)
      : pacing_(pacing), total_(total), begun_(begun) {}

  /// How many more to close by now.
  std::int64_t take(TimeNs now) {
    const std::int64_t due = closes_due(pacing_, total_, now - begun_);
    const std::int64_t more = due - ordered_;
    ordered_ = due;
    return more;
  }
  bool done() const { return pacing_.mode == DrainMode::none || ordered_ >= total_; }
  std::int64_t total() const { return total_; }

 private:
  DrainSettings pacing_;
  std::int64_t total_;
  TimeNs begun_;
  std::int64_t ordered_ = 0;
};

}  // namespace wsfleet
