// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the sessions of a workload ask for, second by second, as if nothing were ever refused: the
// input of the demand d(t). Used while a simulation runs and by the dry pass that the oracle gets,
// so both see the same numbers. Not thread-safe.

#include <cstdint>
#include <vector>

#include "cluster/run_description.h"

namespace wsfleet {

struct OfferedSecond {
  std::int64_t arrivals = 0;  // sessions whose intended start lies in the second
  std::int64_t sessions = 0;  // there at its end
  /// Handshakes and changes of the session store (mean over the last 10 s), messages, pings and
  /// rooms, in cores.
  double cpu_cores = 0;
};

class OfferedLoad {
 public:
  OfferedLoad(TimeNs duration, const WorkloadSettings& workload, const ServerSettings& server,
              const Objective& objective);

  /// A session that arrives at `start` and stays `length`.
  void session(TimeNs start, TimeNs length);
  /// A session that is there at t = 0 and stays `length` more; needs no handshake.
  void initial_session(TimeNs length);

  /// The second [second, second + 1). Once per second, in order from 0, when all sessions that
  /// start before its end have been told.
  OfferedSecond take(std::int64_t second);

 private:
  void end_at(TimeNs time);
  double room_cores_of(double other_cores) const;

  WorkloadSettings workload_;
  ServerSettings server_;
  Objective objective_;
  std::vector<std::int32_t> arrivals_;
  std::vector<std::int32_t> change_;  // of the number of sessions
  double handshake_s_;
  double cores_per_session_;
  double store_s_;  // of a key's writing, and of its removal
  std::int64_t sessions_ = 0;
  std::int64_t recent_arrivals_ = 0;
  std::vector<std::int32_t> ends_;  // kept with Redis only
  std::int64_t recent_ends_ = 0;
};

/// What the sessions of a run offer in each second of it: the dry pass.
std::vector<OfferedSecond> offered_seconds(const RunDescription& run);

}  // namespace wsfleet
