// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the sessions of a workload ask for, second by second, as if nothing were ever refused: the
// input of the demand d(t). Used while a simulation runs and by the dry pass that the oracle gets,
// so both see the same numbers. Not thread-safe.

#include <cstdint>
#include <vector>

#include "core/time.h"
#include "loadgen/workload.h"
#include "server/settings.h"

namespace wsfleet {

struct OfferedSecond {
  std::int64_t arrivals = 0;  // sessions whose intended start lies in the second
  std::int64_t sessions = 0;  // there at its end
  /// Handshakes (mean over the last 10 s), messages and pings, in cores.
  double cpu_cores = 0;
};

class OfferedLoad {
 public:
  OfferedLoad(TimeNs duration, const WorkloadSettings& workload, const ServerSettings& server);

  /// A session that arrives at `start` and stays `length`.
  void session(TimeNs start, TimeNs length);
  /// A session that is there at t = 0 and stays `length` more; needs no handshake.
  void initial_session(TimeNs length);

  /// The second [second, second + 1). Once per second, in order from 0, when all sessions that
  /// start before its end have been told.
  OfferedSecond take(std::int64_t second);

 private:
  void end_at(TimeNs time);

  std::vector<std::int32_t> arrivals_;
  std::vector<std::int32_t> change_;  // of the number of sessions
  double handshake_s_;
  double cores_per_session_;
  std::int64_t sessions_ = 0;
  std::int64_t recent_arrivals_ = 0;
};

}  // namespace wsfleet
