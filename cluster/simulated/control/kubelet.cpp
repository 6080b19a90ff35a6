// SPDX-License-Identifier: Apache-2.0
// A pod's life: scheduled, pulled, started, serving, terminated, gone; and its restarts.
#include <fmt/format.h>

#include <algorithm>

#include "cluster/simulated/control/control_plane.h"

namespace wsfleet {
namespace {

std::int64_t booked_memory(const PodSettings& pod) {
  return pod.memory_request_bytes > 0 ? pod.memory_request_bytes : pod.memory_limit_bytes;
}

}  // namespace

PodSlot ControlPlane::create_pod(int ordinal) {
  const PodSlot slot = pods_.create(settings_.server, settings_.cluster.readiness);
  identify(pods_[slot], settings_.cluster.controller, ordinal, now());
  return slot;
}

void ControlPlane::schedule(PodSlot slot) {
  const int node = choose_node();
  if (node < 0) {
    unscheduled_.push_back(slot);
    if (!pods_[slot].unschedulable) {
      event("pod_unschedulable", slot, "no node has room for its requests");
    }
    pods_[slot].unschedulable = true;
    return;
  }
  bind(slot, node);
  event("pod_scheduled", slot, "");
  pull_image(slot);
}

// The scheduler's LeastAllocated: the node with the most unbooked CPU, the first of equals.
int ControlPlane::choose_node() const {
  const PodSettings& pod = settings_.cluster.pod;
  int best = -1;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const Node& node = nodes_[i];
    const bool fits =
        node.up && node.cpu_booked + pod.cpu_request <= settings_.cluster.nodes.cores + 1e-9 &&
        node.memory_booked + booked_memory(pod) <= settings_.cluster.nodes.memory_bytes;
    if (fits &&
        (best < 0 || node.cpu_booked < nodes_[static_cast<std::size_t>(best)].cpu_booked - 1e-9)) {
      best = static_cast<int>(i);
    }
  }
  return best;
}

void ControlPlane::bind(PodSlot slot, int node) {
  Pod& pod = pods_[slot];
  Node& host = nodes_[static_cast<std::size_t>(node)];
  pod.node = node;
  pod.node_name = host.name;
  pod.scheduled = now();
  host.pods.push_back(slot);
  host.cpu_booked += settings_.cluster.pod.cpu_request;
  host.memory_booked += booked_memory(settings_.cluster.pod);
  meter_.count_pods(+1, now());
}

void ControlPlane::pull_image(PodSlot slot) {
  Pod& pod = pods_[slot];
  Node& host = nodes_[static_cast<std::size_t>(pod.node)];
  if (host.image_present || settings_.cluster.pod.image_bytes == 0) return start_container(slot);
  pod.stage = PodStage::pulling;
  if (host.image_pulling) return;
  host.image_pulling = true;
  const int node = pod.node;
  const std::uint32_t life = host.life;
  const TimeNs began = now();
  pulls_.pull(node, settings_.cluster.pod.image_bytes, [this, node, life, began](TimeNs arrived) {
    post(arrived, [this, node, life, began, arrived] {
      if (nodes_[static_cast<std::size_t>(node)].life == life) image_arrived(node, began, arrived);
    });
  });
}

void ControlPlane::image_arrived(int node, TimeNs began, TimeNs arrived) {
  Node& host = nodes_[static_cast<std::size_t>(node)];
  host.image_pulling = false;
  host.image_present = true;
  fleet_event("image_pulled", host.name,
              fmt::format("in {}", format_duration_short(arrived - began)));
  const std::vector<PodSlot> pods = host.pods;
  for (const PodSlot slot : pods) {
    if (pods_[slot].stage == PodStage::pulling) start_container(slot);
  }
}

void ControlPlane::start_container(PodSlot slot) {
  Pod& pod = pods_[slot];
  pod.stage = PodStage::starting;
  container_started(pod, now());
  pod.closes = PacedCloses(settings_.server.drain);
  data_->container_started(slot, now());
  const double takes = static_cast<double>(settings_.cluster.pod.start) * start_factor_;
  post_for(slot, now() + static_cast<TimeNs>(takes), [this, slot] {
    if (pods_[slot].stage == PodStage::starting) begin_serving(slot, /*ready=*/false);
  });
}

void ControlPlane::begin_serving(PodSlot slot, bool ready) {
  Pod& pod = pods_[slot];
  data_->server_listens(slot, now(), ready);
  data_->set_capacity(
      slot, std::min(settings_.cluster.pod.cpu_limit, settings_.cluster.nodes.cores), now());
  pod.claimed = 0;
  if (!ready) return;
  // An initial pod: it has been through all that before t = 0.
  pod.was_started = pod.was_ready = pod.ready = true;
  data_->container_started(slot, now());
}

void ControlPlane::terminate(PodSlot slot, const char* why) {
  Pod& pod = pods_[slot];
  if (pod.terminating) return;
  pod.terminating = true;
  event("pod_terminating", slot, fmt::format("{}; {} sockets open", why, pod.open.size()));
  if (pod.ready) data_->announce_endpoint(slot, false, now());
  if (pod.node_lost) return;  // its kubelet can't be reached: gone when the node comes back
  if (pod.stage == PodStage::pending || pod.stage == PodStage::pulling ||
      pod.stage == PodStage::waiting) {
    return remove(slot, "had no running container");
  }
  post_for(slot, now() + settings_.server.pre_stop, [this, slot] { send_sigterm(slot); });
  post_for(slot, now() + settings_.server.termination_grace, [this, slot] { kill(slot); });
}

void ControlPlane::send_sigterm(PodSlot slot) {
  Pod& pod = pods_[slot];
  if (pod.node_lost) return;
  pod.sigterm = true;
  if (pod.stage != PodStage::serving) return kill(slot);
  data_->begin_drain(slot, now());
}

void ControlPlane::kill(PodSlot slot) {
  const std::size_t sockets = pods_[slot].open.size();
  if (pods_[slot].node_lost) return;
  data_->container_stopped(slot, now(), CloseCause::cut_by_scaling, 0);
  remove(slot, sockets > 0 ? fmt::format("killed as its grace ended; {} sockets cut", sockets)
                           : std::string("killed"));
}

void ControlPlane::remove(PodSlot slot, std::string detail) {
  Pod& pod = pods_[slot];
  event("pod_gone", slot, std::move(detail));
  if (pod.node >= 0) {
    Node& host = nodes_[static_cast<std::size_t>(pod.node)];
    host.pods.erase(std::find(host.pods.begin(), host.pods.end(), slot));
    host.cpu_booked -= settings_.cluster.pod.cpu_request;
    host.memory_booked -= booked_memory(settings_.cluster.pod);
    host.claims_changed = true;
    meter_.count_pods(-1, now());
  }
  const auto waits = std::find(unscheduled_.begin(), unscheduled_.end(), slot);
  if (waits != unscheduled_.end()) unscheduled_.erase(waits);
  data_->pod_gone(slot);
  pods_.destroy(slot);
  dirty_ = true;
  const std::vector<PodSlot> waiting = std::move(unscheduled_);
  unscheduled_.clear();
  for (const PodSlot other : waiting) schedule(other);
}

void ControlPlane::restart_after_crash(PodSlot slot) {
  Pod& pod = pods_[slot];
  if (pod.terminating) return remove(slot, "its container had died");
  const TimeNs delay = crashed(pod, settings_.cluster.control_plane.restart_backoff, now());
  event("pod_restart", slot, fmt::format("in {}", format_duration_short(delay)));
  dirty_ = true;
  post_for(slot, now() + delay, [this, slot] {
    if (pods_[slot].stage == PodStage::waiting) start_container(slot);
  });
}

}  // namespace wsfleet
