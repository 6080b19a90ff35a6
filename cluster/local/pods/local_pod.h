// SPDX-License-Identifier: Apache-2.0
#pragma once
// A pod of the local cluster: one server process with an address of its own, and what controller,
// kubelet and ingress know of it. Plain data; times are of the monotonic clock. Used on the
// harness' main thread.

#include <cstdint>
#include <optional>
#include <string>

#include "cluster/balancers/balancer.h"
#include "cluster/controllers/pod_record.h"
#include "core/process/process.h"
#include "core/time.h"

namespace wsfleet {

enum class LocalStage {
  starting,  // its container "runs", the server does not listen yet
  serving,
  waiting,  // crashed; waits for its restart
};

/// What a pod says of itself at /metrics.
struct ServerCounters {
  bool known = false;  // by the last scrape that ended
  std::int64_t connections = 0;
  std::int64_t refused = 0;
  std::int64_t refused_draining = 0;  // those of them while it drained
  std::int64_t closed_by_shed = 0;
};

struct LocalPod : PodRecord {
  using PodRecord::PodRecord;

  EndpointId endpoint = 0;

  // Its life.
  LocalStage stage = LocalStage::starting;
  TimeNs launch_at = 0;  // the server's process starts then
  bool draining = false;
  bool killed_by_fault = false;
  bool grace_ended = false;
  TimeNs sigterm_at = kNever;
  TimeNs sigkill_at = kNever;

  // Its server.
  std::optional<Process> process;
  std::string address;
  std::uint16_t port = 0;  // 0 until it listens
  std::uint16_t admin_port = 0;
  std::string output;  // the file of its stdout
  ServerCounters counters;
  double cpu_s = 0;  // used up to the last look

  // Its probe.
  TimeNs next_probe = kNever;
  bool probe_under_way = false;
  bool scrape_under_way = false;
};

}  // namespace wsfleet
