// SPDX-License-Identifier: Apache-2.0
#include "cluster/simulated/control/control_plane.h"

#include <fmt/format.h>

#include <algorithm>

#include "cluster/network_delays.h"
#include "core/live/stop.h"

namespace wsfleet {

ControlPlane::ControlPlane(const RunDescription& settings, Executor& executor, CpuShares& shares,
                           ImagePulls& pulls, Recorder& recorder)
    : settings_(settings),
      executor_(executor),
      shares_(shares),
      pulls_(pulls),
      recorder_(recorder),
      meter_(settings, reach_delay(settings.cluster, settings.server.tls), recorder),
      data_(std::make_unique<DataPlane>(settings, pods_, meter_, *this)),
      nodes_(static_cast<std::size_t>(settings.cluster.nodes.count)) {
  for (std::size_t i = 0; i < nodes_.size(); ++i) nodes_[i].name = fmt::format("node-{}", i);
}

void ControlPlane::start() {
  executor_.on_advance([this](TimeNs now) {
    if (!ended_) data_->advance(now);
  });
  replicas_ = settings_.initial_replicas;
  for (int ordinal = 0; ordinal < replicas_; ++ordinal) {
    const PodSlot slot = create_pod(ordinal);
    const int node = choose_node();
    if (node < 0) {
      unscheduled_.push_back(slot);
      continue;
    }
    bind(slot, node);
    nodes_[static_cast<std::size_t>(node)].image_present = true;
    begin_serving(slot, /*ready=*/true);
  }
  data_->start();
  dirty_ = true;
  post(kSecond, [this] { end_second(); });
  task_ = executor_.spawn("control", [this] { run_task(); });
}

void ControlPlane::run_task() {
  while (!ended_) {
    read_notes();
    if (dirty_) reconcile_pods();
    const TimeNs next = agenda_.next_time();
    if (next > now()) {
      executor_.wait_until(next);
      continue;
    }
    agenda_.pop()();
  }
}

void ControlPlane::post(TimeNs time, std::function<void()> action) {
  const bool sooner = time < agenda_.next_time();
  agenda_.post(time, std::move(action));
  if (sooner && task_ >= 0) executor_.wake(task_);
}

void ControlPlane::post_for(PodSlot slot, TimeNs time, std::function<void()> action) {
  const std::uint64_t serial = pods_[slot].serial;
  const int restarts = pods_[slot].restarts;
  post(time, [this, slot, serial, restarts, act = std::move(action)] {
    const Pod& pod = pods_[slot];
    if (pod.serial == serial && pod.restarts == restarts && pod.stage != PodStage::gone) act();
  });
}

void ControlPlane::read_notes() {
  const std::vector<Note> notes = std::move(notes_);
  notes_.clear();
  for (const Note& note : notes) {
    Pod& pod = pods_[note.slot];
    if (pod.serial != note.serial || pod.stage == PodStage::gone) continue;
    switch (note.kind) {
      case NoteKind::readiness: {
        ReadinessEvent changed = readiness_event(pod, now());
        event(changed.kind, note.slot, std::move(changed.detail));
        dirty_ = true;
        break;
      }
      case NoteKind::out_of_memory:
        event("pod_out_of_memory", note.slot, "killed: its sockets need more than memory_limit");
        restart_after_crash(note.slot);
        break;
      case NoteKind::drained:
        if (pod.stage != PodStage::serving) break;
        data_->container_stopped(note.slot, now(), CloseCause::cut_by_scaling, 0);
        remove(note.slot, "drained and gone");
        break;
    }
  }
}

void ControlPlane::readiness_changed(PodSlot slot) {
  notes_.push_back({NoteKind::readiness, slot, pods_[slot].serial});
}
void ControlPlane::out_of_memory(PodSlot slot) {
  notes_.push_back({NoteKind::out_of_memory, slot, pods_[slot].serial});
}
void ControlPlane::drained(PodSlot slot) {
  notes_.push_back({NoteKind::drained, slot, pods_[slot].serial});
}

void ControlPlane::reconcile_pods() {
  dirty_ = false;
  std::vector<ControlledPod> pods;
  for (const PodSlot slot : pods_.alive()) pods.push_back(controlled(pods_[slot]));
  const ControllerPlan plan = reconcile(settings_.cluster.controller,
                                        settings_.cluster.pod_management, replicas_, pods, now());
  for (const std::uint64_t serial : plan.remove) {
    const std::vector<PodSlot> alive = pods_.alive();
    for (const PodSlot slot : alive) {
      if (pods_[slot].serial == serial) terminate(slot, "scaled down");
    }
  }
  for (const int ordinal : plan.create) {
    const PodSlot slot = create_pod(ordinal);
    event("pod_created", slot, "");
    const std::uint64_t serial = pods_[slot].serial;
    post(now() + settings_.cluster.control_plane.scheduling, [this, slot, serial] {
      if (pods_[slot].serial == serial && pods_[slot].stage == PodStage::pending) schedule(slot);
    });
  }
}

ClusterState ControlPlane::state() const {
  std::vector<PodObservation> pods;
  for (const PodSlot slot : pods_.alive()) {
    pods.push_back(observed(pods_[slot], pods_[slot].closes.draining()));
  }
  return cluster_state(replicas_, std::move(pods));
}

void ControlPlane::set_replicas(int replicas) {
  if (replicas == replicas_) return;
  fleet_event("replicas_set", "", fmt::format("{} -> {}", replicas_, replicas));
  replicas_ = replicas;
  dirty_ = true;
  executor_.wake(task_);
}

Result<void> ControlPlane::drain(const std::string& uid) {
  const std::optional<PodSlot> slot = pods_.find(uid);
  if (!slot || pods_[*slot].stage != PodStage::serving) {
    return fail(fmt::format("drain: no serving pod has the uid '{}'", uid));
  }
  if (pods_[*slot].closes.draining()) return {};
  event("pod_drain", *slot, "asked to drain by the scaler");
  data_->begin_drain(*slot, now());
  return {};
}

Result<void> ControlPlane::shed(const std::string& uid, double share) {
  const std::optional<PodSlot> slot = pods_.find(uid);
  if (!slot || pods_[*slot].stage != PodStage::serving) {
    return fail(fmt::format("shed: no serving pod has the uid '{}'", uid));
  }
  event("pod_shed", *slot, fmt::format("asked to close {:.1f} % of its sockets", 100 * share));
  data_->begin_shed(*slot, now(), share);
  return {};
}

Result<void> ControlPlane::set_deletion_cost(const std::string& uid, int cost) {
  const std::optional<PodSlot> slot = pods_.find(uid);
  if (!slot) return fail(fmt::format("deletion cost: no pod has the uid '{}'", uid));
  const Result<void> accepted = accept_deletion_cost(settings_.cluster.controller);
  if (accepted) pods_[*slot].deletion_cost = cost;
  return accepted;
}

std::unordered_map<std::string, MetricSample> ControlPlane::samples() const {
  std::unordered_map<std::string, MetricSample> samples;
  for (const PodSlot slot : pods_.alive()) {
    const Pod& pod = pods_[slot];
    if (!pod.sample || !is_fresh(now() - pod.sample->at)) continue;
    samples[pod.uid] = {pod.sample->value, now() - pod.sample->at};
  }
  return samples;
}

void ControlPlane::finish() {
  if (!stopped_) data_->finish();
  meter_.finish();
  recorder_.figures(data_->figures());
}

void ControlPlane::event(const char* kind, PodSlot slot, std::string detail) {
  const Pod& pod = pods_[slot];
  recorder_.event({now(), kind, pod.name, pod.uid, pod.node_name, std::move(detail)});
}

void ControlPlane::fleet_event(const char* kind, const std::string& node, std::string detail) {
  recorder_.event({now(), kind, "", "", node, std::move(detail)});
}

}  // namespace wsfleet
