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

struct DrainSettings {
  DrainMode mode = DrainMode::paced;
  TimeNs over = 30 * kSecond;
  int close_code = 1012;
};

/// What things cost a pod: `profile = "default"`, each number to be overridden in `[server.costs]`.
/// Handshake, message and user memory were measured with a Beast server, the rest is assumed.
struct CostProfile {
  TimeNs handshake_cpu = 80 * kMicrosecond;
  TimeNs tls_handshake_cpu = 1200 * kMicrosecond;  // added when tls = true
  TimeNs message_cpu = 10 * kMicrosecond;          // in and out
  TimeNs ping_cpu = 5 * kMicrosecond;
  std::int64_t user_bytes_per_connection = 4096;
  std::int64_t kernel_bytes_per_connection = 4096;
  std::int64_t base_bytes = 20 * 1024 * 1024;
};

struct ServerSettings {
  std::int64_t max_connections = 1000;
  bool ready_when_full = true;     // false: a full pod fails its readiness probe
  double max_connection_rate = 0;  // handshakes accepted per second and pod; 0: no limit
  bool tls = false;
  TimeNs ping_interval = 10 * kSecond;
  DrainSettings drain;
  TimeNs termination_grace = 60 * kSecond;
  TimeNs pre_stop = 0;  // a preStop sleep before SIGTERM, inside the grace
  CostProfile costs;
};

}  // namespace wsfleet
