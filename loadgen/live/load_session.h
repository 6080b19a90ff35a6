// SPDX-License-Identifier: Apache-2.0
#pragma once
// A session of a load worker: its plan, where it is, and the connection that it has or tries for.
// Private to the worker.

#include <cstdint>
#include <memory>

#include "loadgen/live/load_worker.h"

namespace wsfleet {

enum class SessionState : std::uint8_t {
  waiting,  // to try again
  connecting,
  open,
  ending,   // it is time to go: the last replies are waited for
  closing,  // its close frame is out
};

struct LoadWorker::Session {
  explicit Session(const PlannedSession& planned)
      : plan(planned), life(planned.serial, planned.length) {}

  PlannedSession plan;
  ClientLife life;
  MessageFlow flow;
  std::unique_ptr<ClientConnection> connection;
  TimeNs attempt_began = 0;
  TimeNs opened_at = 0;
  TimeNs last_heard = 0;
  TimeNs first_attempt = kNever;
  TimeNs first_opened = kNever;
  TargetPick pick;  // of the connection; no target: not from a fleet
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;  // of timers: those of an earlier one are dropped
  SessionState state = SessionState::waiting;
  bool admitted = false;  // open, and not told 1013 at once
  bool message_armed = false;
};

}  // namespace wsfleet
