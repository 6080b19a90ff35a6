// SPDX-License-Identifier: Apache-2.0
// What goes wrong on purpose, for real. Which pods are hit follows the same draws as in the
// simulated cluster (fault_victims.h).
#include <fmt/format.h>

#include <csignal>

#include "cluster/fault_section.h"
#include "cluster/fault_victims.h"
#include "cluster/local/pods/fleet.h"
#include "core/live/live_clock.h"

namespace wsfleet {

Result<void> LocalFleet::inject(const Fault& fault) {
  const TimeNs until = monotonic_now() + fault.duration;
  const std::string lasts = format_duration_short(fault.duration);
  switch (fault.kind) {
    case FaultKind::pod_kill:
      kill_pods(fault);
      return {};
    case FaultKind::prometheus_outage:
      fleet_event("fault", fmt::format("Prometheus is stopped for {}", lasts));
      parts_.prometheus.stop();
      at(until, [this] {
        parts_.prometheus.go_on();
        fleet_event("fault_over", "Prometheus goes on");
      });
      return {};
    case FaultKind::redis_outage:
      if (parts_.redis == nullptr) break;
      take_redis_down(fault.duration);
      return {};
    case FaultKind::slow_start:
      fleet_event("fault", fmt::format("containers take {:g} times as long to start for {}",
                                       fault.factor, lasts));
      start_factor_ = fault.factor;
      at(until, [this] {
        start_factor_ = 1.0;
        fleet_event("fault_over", "containers start as before");
      });
      return {};
    case FaultKind::network_cut:
      cut_off_pods(fault);
      return {};
    case FaultKind::node_down:
    case FaultKind::api_outage:
      break;
  }
  return fail(ErrorKind::unsupported,
              fmt::format("{}: the local backend has nothing to do it to", fault_name(fault.kind)));
}

// A pod that was killed serves, for all that is known of it here, until its process is reaped.
std::vector<LocalPod*> LocalFleet::choose_pods(const Fault& fault) {
  std::vector<LocalPod*> candidates;
  for (const auto& pod : pods_) {
    const bool leaving = pod->terminating || pod->killed_by_fault;
    if (may_be_hit(pod->stage == LocalStage::serving, leaving)) candidates.push_back(pod.get());
  }
  std::vector<LocalPod*> chosen;
  for (const std::size_t index :
       choose_victims(parts_.settings.seed, fault.index, fault.count, candidates.size())) {
    chosen.push_back(candidates[index]);
  }
  return chosen;
}

// As `kubectl delete pod --force`: the process dies at once, and the controller makes another pod.
void LocalFleet::kill_pods(const Fault& fault) {
  fleet_event("fault", fmt::format("{} pods are killed", fault.count));
  for (LocalPod* pod : choose_pods(fault)) {
    pod->killed_by_fault = true;
    pod->process->signal(SIGKILL);
  }
}

void LocalFleet::cut_off_pods(const Fault& fault) {
  for (LocalPod* pod : choose_pods(fault)) {
    event("fault", *pod, fmt::format("stopped for {}", format_duration_short(fault.duration)));
    pod->process->signal(SIGSTOP);
    at(monotonic_now() + fault.duration, [this, uid = pod->uid, restarts = pod->restarts] {
      LocalPod* stopped = find(uid);
      if (stopped == nullptr || stopped->restarts != restarts || !stopped->process) return;
      stopped->process->signal(SIGCONT);
      event("fault_over", *stopped, "goes on");
    });
  }
}

void LocalFleet::take_redis_down(TimeNs duration) {
  fleet_event("fault", fmt::format("Redis is killed; it comes back after {}",
                                   format_duration_short(duration)));
  parts_.redis->kill();
  at(monotonic_now() + duration, [this] {
    if (auto started = parts_.redis->restart(); !started) {
      broken_ = started.error();
      return;
    }
    fleet_event("fault_over", "Redis is started again with its append-only file");
  });
}

}  // namespace wsfleet
