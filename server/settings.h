// SPDX-License-Identifier: Apache-2.0
#pragma once
// The `[server]` section as values. Read by server_section.h; the rules that use it are in rules.h.

#include <cstdint>

#include "core/time.h"

namespace wsfleet {

enum class DrainMode {
  none,       // on termination sockets stay until the grace ends, then they are cut
  immediate,  // all close frames at once
  paced,      // close frames evenly over `over`
};

enum class MessageMode {
  echo,       // each message back to its sender
  broadcast,  // each message to every member of the room, the sender included
};

struct DrainSettings {
  DrainMode mode = DrainMode::paced;
  TimeNs over = 30 * kSecond;
  int close_code = 1012;
};

/// What things cost a pod: `profile = "default"`, each number to be overridden in `[server.costs]`.
/// docs/formats/scenario-server.md says what was measured and what is assumed.
struct CostProfile {
  TimeNs handshake_cpu = 80 * kMicrosecond;
  TimeNs tls_handshake_cpu = 1200 * kMicrosecond;  // added when tls = true
  TimeNs message_cpu = 10 * kMicrosecond;          // in and out
  TimeNs ping_cpu = 5 * kMicrosecond;
  TimeNs session_store_cpu = 15 * kMicrosecond;  // a session's key written, refreshed or removed
  TimeNs delivery_cpu = 3 * kMicrosecond;        // a room's message to one member but its sender
  TimeNs fanout_cpu = 10 * kMicrosecond;         // a room's message to Redis or from it
  std::int64_t user_bytes_per_connection = 4096;
  std::int64_t kernel_bytes_per_connection = 4096;
  std::int64_t base_bytes = 20 * 1024 * 1024;
};

struct ServerSettings {
  std::int64_t max_connections = 1000;
  bool ready_when_full = true;     // false: a full pod fails its readiness probe
  double max_connection_rate = 0;  // handshakes accepted per second and pod; 0: no limit
  bool tls = false;
  bool redis = false;  // sessions are kept in Redis, and rooms reach across pods
  MessageMode mode = MessageMode::echo;
  TimeNs ping_interval = 10 * kSecond;
  DrainSettings drain;
  TimeNs termination_grace = 60 * kSecond;
  TimeNs pre_stop = 0;  // a preStop sleep before SIGTERM, inside the grace
  CostProfile costs;
};

}  // namespace wsfleet
