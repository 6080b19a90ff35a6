// SPDX-License-Identifier: Apache-2.0
// What goes wrong on purpose. Which pods and nodes are hit depends on the seed, the fault and how
// many there are, not on the policy's past (fault_victims.h).
#include <fmt/format.h>

#include <algorithm>

#include "cluster/fault_victims.h"
#include "cluster/simulated/control/control_plane.h"

namespace wsfleet {
namespace {

// kube-controller-manager's --node-monitor-grace-period.
constexpr TimeNs kNodeMonitorGrace = 40 * kSecond;

}  // namespace

Result<void> ControlPlane::inject(const Fault& fault) {
  const TimeNs until = now() + fault.duration;
  const std::string lasts = format_duration_short(fault.duration);
  switch (fault.kind) {
    case FaultKind::pod_kill:
      kill_random_pods(fault);
      return {};
    case FaultKind::node_down:
      take_nodes_down(fault);
      return {};
    case FaultKind::prometheus_outage:
      fleet_event("fault", "", fmt::format("Prometheus is away for {}", lasts));
      prometheus_up_ = false;
      data_->set_prometheus_up(false);
      post(until, [this] {
        prometheus_up_ = true;
        data_->set_prometheus_up(true);
        fleet_event("fault_over", "", "Prometheus is back");
      });
      return {};
    case FaultKind::api_outage:
      fleet_event("fault", "", fmt::format("the API server is away for {}", lasts));
      api_up_ = false;
      post(until, [this] {
        api_up_ = true;
        fleet_event("fault_over", "", "the API server is back");
      });
      return {};
    case FaultKind::slow_start:
      fleet_event(
          "fault", "",
          fmt::format("containers take {:g} times as long to start for {}", fault.factor, lasts));
      start_factor_ = fault.factor;
      post(until, [this] {
        start_factor_ = 1.0;
        fleet_event("fault_over", "", "containers start as before");
      });
      return {};
    case FaultKind::network_cut:
      cut_off_pods(fault);
      return {};
    case FaultKind::redis_outage:
      if (!settings_.server.redis) break;
      redis_goes_away(fault.duration);
      return {};
  }
  return fail(ErrorKind::unsupported, "redis_outage: these servers use no Redis");
}

std::vector<PodSlot> ControlPlane::choose_pods(const Fault& fault) {
  std::vector<PodSlot> candidates;
  for (const PodSlot slot : pods_.alive()) {
    const Pod& pod = pods_[slot];
    if (may_be_hit(pod.stage == PodStage::serving, pod.terminating)) candidates.push_back(slot);
  }
  std::vector<PodSlot> chosen;
  for (const std::size_t at :
       choose_victims(settings_.seed, fault.index, fault.count, candidates.size())) {
    chosen.push_back(candidates[at]);
  }
  return chosen;
}

void ControlPlane::kill_random_pods(const Fault& fault) {
  fleet_event("fault", "", fmt::format("{} pods are killed", fault.count));
  for (const PodSlot slot : choose_pods(fault)) {
    Pod& pod = pods_[slot];
    const std::size_t sockets = pod.open.size();
    data_->container_stopped(slot, now(), CloseCause::cut_by_failure, 0);
    remove(slot, fmt::format("killed by a fault; {} sockets cut", sockets));
  }
  executor_.wake(task_);
}

void ControlPlane::take_nodes_down(const Fault& fault) {
  std::vector<int> up;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i].up && !nodes_[i].pods.empty()) up.push_back(static_cast<int>(i));
  }
  for (const std::size_t at : choose_victims(settings_.seed, fault.index, fault.count, up.size())) {
    node_down(up[at], fault.duration);
  }
}

void ControlPlane::node_down(int index, TimeNs duration) {
  Node& node = nodes_[static_cast<std::size_t>(index)];
  fleet_event("fault", node.name,
              fmt::format("the node is down for {}", format_duration_short(duration)));
  node.up = false;
  node.image_pulling = false;
  const std::uint32_t life = ++node.life;
  for (const PodSlot slot : node.pods) {
    Pod& pod = pods_[slot];
    pod.node_lost = true;
    data_->container_stopped(slot, now(), CloseCause::cut_by_failure,
                             2 * settings_.server.ping_interval);
    ++pod.restarts;  // whatever was planned for the container is void
  }
  const auto while_down = [this, index, life](auto action) {
    return [this, index, life, action] {
      Node& down = nodes_[static_cast<std::size_t>(index)];
      if (down.up || down.life != life) return;
      const std::vector<PodSlot> pods = down.pods;
      for (const PodSlot slot : pods) action(slot);
    };
  };
  post(now() + kNodeMonitorGrace, while_down([this](PodSlot slot) {
         Pod& pod = pods_[slot];
         if (!pod.ready) return;
         pod.ready = false;
         data_->announce_endpoint(slot, false, now());
         event("pod_unready", slot, "its node is not ready");
         dirty_ = true;
       }));
  post(now() + settings_.cluster.control_plane.node_eviction, while_down([this](PodSlot slot) {
         terminate(slot, "evicted from a dead node");
         dirty_ = true;
       }));
  post(now() + duration, [this, index] { node_up(index); });
}

void ControlPlane::node_up(int index) {
  Node& node = nodes_[static_cast<std::size_t>(index)];
  node.up = true;
  ++node.life;
  fleet_event("fault_over", node.name, "the node is back");
  const std::vector<PodSlot> pods = node.pods;
  for (const PodSlot slot : pods) {
    Pod& pod = pods_[slot];
    if (pod.ready && !pod.terminating) data_->announce_endpoint(slot, false, now());
    pod.node_lost = false;
    pod.ready = false;
    if (pod.terminating) {
      remove(slot, "deleted as its node came back");
    } else {
      pull_image(slot);
    }
  }
  const std::vector<PodSlot> waiting = std::move(unscheduled_);
  unscheduled_.clear();
  for (const PodSlot slot : waiting) schedule(slot);
}

void ControlPlane::cut_off_pods(const Fault& fault) {
  for (const PodSlot slot : choose_pods(fault)) {
    event("fault", slot,
          fmt::format("can't be reached for {}", format_duration_short(fault.duration)));
    data_->set_cut_off(slot, true, now());
    const std::uint64_t serial = pods_[slot].serial;
    post(now() + fault.duration, [this, slot, serial] {
      if (pods_[slot].serial != serial || pods_[slot].stage == PodStage::gone) return;
      data_->set_cut_off(slot, false, now());
      event("fault_over", slot, "can be reached again");
    });
  }
}

}  // namespace wsfleet
