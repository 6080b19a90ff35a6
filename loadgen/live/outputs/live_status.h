// SPDX-License-Identifier: Apache-2.0
#pragma once
// What people see while a load run goes on: one line on stderr that is written over, on a terminal
// only, and warnings that can't wait for the end. One thread.

#include <string>

#include "loadgen/live/load_worker.h"
#include "loadgen/live/options/load_options.h"

namespace wsfleet {

class LiveStatus {
 public:
  explicit LiveStatus(const LoadOptions& options);

  bool shown() const { return shown_; }
  void update(const LoadView& view, TimeNs now);
  /// Takes the line away.
  void finish();

 private:
  bool shown_;
  TimeNs duration_;
  TimeNs last_ = 0;
  std::int64_t last_messages_ = 0;
  double message_rate_ = 0;
  bool warned_descriptors_ = false;
};

/// "12s of 1m 00s  950 open  1,000 attempts, 3 refused, 0 failed  190 messages/s, p99 1.2 ms".
std::string status_line(const LoadView& view, TimeNs now, TimeNs duration, double message_rate);

}  // namespace wsfleet
