// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a world tells the recorder while it runs: one row per second, events, decisions and, at the
// end, the clients' histograms. results/ writes and scores it; it knows nothing of the backend.

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/histogram.h"
#include "core/seam/fleet_event.h"
#include "core/seam/observation.h"
#include "core/time.h"

namespace wsfleet {

/// The second [time_s, time_s + 1). Levels are those at its end, counts are what ended within it.
/// What the world can't know of it is nothing, never 0.
struct SecondRow {
  std::int64_t time_s = 0;

  // Replicas.
  int spec_replicas = 0;
  int ready_replicas = 0;  // in the ingress' eyes: pass readiness and not terminating
  int supply = 0;          // past start-up and not terminating, full or not: s(t)
  double pod_seconds = 0;  // pods between scheduled and gone, integrated over the second
  std::optional<double> cpu_cores = 0;  // CPU used by the pods, mean over the second

  // Demand, as if nothing were ever refused.
  std::int64_t offered_sessions = 0;
  double offered_cpu_cores = 0;  // handshakes, messages and pings of the offered sessions

  // Sessions and connections.
  std::int64_t connections = 0;          // open at the end of the second
  std::optional<double> jain_index = 1;  // of connections per serving pod; 1 when there are none
  std::int64_t arrivals = 0;             // sessions whose intended start lies in it
  std::int64_t sessions_completed = 0;
  std::int64_t sessions_lost = 0;  // gave up after max_attempts

  // Attempts, by how they ended.
  std::int64_t attempts = 0;  // opened + refused + failed
  std::int64_t opened = 0;
  std::int64_t refused = 0;  // 503, 1013, no endpoint
  std::optional<std::int64_t> refused_for_capacity =
      0;                           // those of them refused as full or for want of a pod
  std::int64_t failed = 0;         // timeout, reset
  std::int64_t attempts_late = 0;  // failed, or opened later than the objective
  std::int64_t reconnects = 0;     // attempts begun by sessions that had been open before

  // Closes other than the session's own end.
  std::optional<std::int64_t> moved_by_scaling =
      0;  // drained with a close frame before the grace ended
  std::optional<std::int64_t> cut_by_scaling = 0;  // killed, or closed without a close frame
  std::optional<std::int64_t> closed_by_shedding = 0;
  std::optional<std::int64_t> cut_by_failure = 0;  // faults, OOM kills, crashes

  // Messages (a fluid in simulation, hence not whole).
  double messages = 0;
  double messages_late = 0;

  // Rooms and the session store.
  double deliveries = 0;                        // of a room's messages, to its other members
  std::optional<double> deliveries_missed = 0;  // those that did not reach members on other pods
  std::optional<std::int64_t> sessions_stored = 0;  // keys in the session store; 0 without Redis
};

/// The clients' figures, recorded from the end of warmup on. Times in nanoseconds.
struct ClientHistograms {
  Histogram time_to_connect;  // per session, from intended start to open; lost sessions: infinite
  Histogram attempt_time;     // per attempt that opened
  Histogram message_latency;
};

/// What a live run met where the simulator has a setting: medians, NaN where they are not known and
/// in simulation.
struct Surroundings {
  double attempt_time_p50_s = std::numeric_limits<double>::quiet_NaN();     // of those that opened
  double pod_ready_p50_s = std::numeric_limits<double>::quiet_NaN();        // from a pod's creation
  double endpoints_known_p50_s = std::numeric_limits<double>::quiet_NaN();  // to the ingress
};

/// Figures about the run itself.
struct RunFigures {
  std::int64_t events = 0;             // processed by the data plane; 0 where that has no meaning
  std::int64_t superseded_events = 0;  // dropped on arrival as out of date
  std::uint64_t event_hash = 0;        // order-sensitive, over all processed events
  std::int64_t connections_peak = 0;
  double model_bytes_per_connection = 0;  // of the data plane at its peak
  std::int64_t initial_sessions = 0;      // of start = "steady"
  std::int64_t sessions_begun = 0;        // those and the arrivals
  std::uint64_t session_digest = 0;       // of all of them (loadgen/session_digest.h)
  // Of live runs: how late the load generators began attempts, NaN otherwise; their processes.
  double start_lateness_p99_s = std::numeric_limits<double>::quiet_NaN();
  int client_processes = 0;
  Surroundings surroundings;
  std::vector<std::string> notices;  // what a user should know: "drain is not supported by ..."
};

/// Called from several tasks in turn, never at the same time (live backends lock around it).
class Recorder {
 public:
  virtual ~Recorder() = default;
  /// Rows come in order, one per second from 0 on.
  virtual void second(const SecondRow& row) = 0;
  virtual void event(const FleetEvent& event) = 0;
  virtual void decision(const Observation& observation, const Decision& decision) = 0;
  virtual void clients(const ClientHistograms& histograms) = 0;
  virtual void figures(const RunFigures& figures) = 0;
};

}  // namespace wsfleet
