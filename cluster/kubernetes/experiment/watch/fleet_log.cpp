// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/experiment/watch/fleet_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "cluster/fault_victims.h"

namespace wsfleet {
namespace {

FleetEvent event_of(TimeNs now, const char* kind, const PodView& pod, std::string detail) {
  return {.time = now,
          .kind = kind,
          .pod = pod.name,
          .uid = pod.uid,
          .node = pod.node,
          .detail = std::move(detail)};
}

}  // namespace

std::vector<FleetEvent> FleetLog::pod_changed(TimeNs now, const PodView& pod, bool gone) {
  std::vector<FleetEvent> events;
  Pod& known = pods_[pod.uid];
  const PodView before = std::exchange(known.view, pod);
  const auto say = [&](const char* kind, std::string detail) {
    events.push_back(event_of(now, kind, pod, std::move(detail)));
  };
  if (!std::exchange(known.known, true)) say("pod_created", "");
  if (before.node.empty() && !pod.node.empty()) {
    known.scheduled = now;
    pod_time_.change(+1, now);
    say("pod_scheduled", "bound to " + pod.node);
  }
  if (pod.restarts > before.restarts) {
    if (pod.out_of_memory) say("pod_out_of_memory", "killed by the kernel");
    say("pod_restart", fmt::format("its server ended ({})", pod.last_end));
  }
  known.was_ready = known.was_ready || pod.ready;
  // A terminating pod's readiness is no news: it is out of service.
  if (pod.ready && !before.ready && !pod.terminating) {
    say("pod_ready", fmt::format("ready {} after it was scheduled",
                                 format_duration_short(now - known.scheduled)));
  }
  if (!pod.ready && before.ready && !pod.terminating && !gone) {
    say("pod_unready", "its readiness probe fails");
  }
  if (pod.terminating && !before.terminating) {
    say("pod_terminating", known.by_fault ? "deleted by a fault" : "deleted");
  }
  if (gone) {
    if (!known.view.node.empty()) pod_time_.change(-1, now);
    end_pod(now, known, events);
    pods_.erase(pod.uid);
  }
  return events;
}

void FleetLog::end_pod(TimeNs now, const Pod& pod, std::vector<FleetEvent>& events) {
  std::string detail = pod.by_fault ? "killed by a fault" : "drained and gone";
  if (!pod.by_fault && !pod.view.last_end.empty()) {
    detail = fmt::format("gone; its server ended ({})", pod.view.last_end);
  }
  events.push_back(event_of(now, "pod_gone", pod.view, std::move(detail)));
  if (!pod.by_fault) scaled_down_.push_back({pod.view.uid, now});
}

std::vector<FleetEvent> FleetLog::replicas_changed(TimeNs now, int replicas) {
  const int before = std::exchange(replicas_, replicas);
  if (before == replicas) return {};
  return {{.time = now,
           .kind = "replicas_set",
           .pod = {},
           .uid = {},
           .node = {},
           .detail = fmt::format("spec.replicas {} to {}", before, replicas)}};
}

void FleetLog::killed_by_fault(const std::string& uid) {
  const auto found = pods_.find(uid);
  if (found != pods_.end()) found->second.by_fault = true;
}

FleetSecond FleetLog::end_second(TimeNs now) {
  FleetSecond second;
  second.spec_replicas = replicas_;
  second.pod_seconds = pod_time_.take(now);
  std::vector<std::string> supply;
  for (const auto& [uid, pod] : pods_) {
    const PodStanding standing{.ready = pod.view.ready,
                               .started = pod.was_ready,
                               .running = pod.view.running,
                               .terminating = pod.view.terminating};
    second.levels.add(standing);
    if (in_supply(standing)) supply.push_back(uid);
  }
  // Most seconds have the pods of the one before.
  if (supply_ == nullptr || *supply_ != supply) {
    supply_ = std::make_shared<const std::vector<std::string>>(std::move(supply));
  }
  second.supply = supply_;
  return second;
}

std::vector<PodView> FleetLog::serving() const {
  std::vector<PodView> pods;
  for (const auto& [uid, pod] : pods_) {
    const bool leaving = pod.view.terminating || pod.by_fault;
    if (may_be_hit(pod.view.running, leaving)) pods.push_back(pod.view);
  }
  std::sort(pods.begin(), pods.end(), [](const PodView& a, const PodView& b) {
    return std::tie(a.created, a.name) < std::tie(b.created, b.name);
  });
  return pods;
}

}  // namespace wsfleet
