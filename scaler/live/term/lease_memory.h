// SPDX-License-Identifier: Apache-2.0
#pragma once
// The policy's memory goes to the Lease after each decision and before it is carried out: who can't
// write to it as its holder does not act. On the control loop's thread.

#include <string>

#include "core/live/event_log.h"
#include "scaler/live/parts.h"
#include "scaler/live/scaler_status.h"
#include "scaler/live/term/saved_state.h"

namespace wsfleet {

class LeaseMemory {
 public:
  /// All outlive it.
  LeaseMemory(PolicyIdentity identity, const Policy& policy, Leadership& leadership,
              ScalerStatus& status, EventLog& log);

  /// ErrorKind::not_leading: another one leads by now. Not being able to write is no proof of that;
  /// the Lease's own deadline ends leadership then, and the next leader begins with an older
  /// memory.
  Result<void> leave(double time_s);

 private:
  const PolicyIdentity identity_;
  const Policy& policy_;
  Leadership& leadership_;
  ScalerStatus& status_;
  EventLog& log_;
  std::string last_error_;  // so that an outage is one line
};

}  // namespace wsfleet
