// SPDX-License-Identifier: Apache-2.0
#include "cluster/local/pods/fleet.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/live/entropy.h"
#include "core/live/live_clock.h"

namespace wsfleet {

LocalFleet::LocalFleet(FleetParts parts)
    : parts_(std::move(parts)),
      admin_token_(random_uuid()),
      targets_file_(parts_.scratch + "/targets.json") {}

void LocalFleet::start(int replicas) {
  replicas_ = replicas;
  for (int ordinal = 0; ordinal < replicas; ++ordinal) {
    LocalPod& pod = create_pod(ordinal);
    pod.launch_at = pod.next_probe = pod.container_started;
  }
  dirty_ = false;
}

bool LocalFleet::ready() const {
  const bool all_ready =
      std::all_of(pods_.begin(), pods_.end(), [](const auto& pod) { return pod->ready; });
  return all_ready && endpoints_known_ && !endpoints_changed_ && !targets_changed_;
}

void LocalFleet::step() {
  const TimeNs now = monotonic_now();
  while (!agenda_.empty() && agenda_.begin()->first <= now) {
    const auto action = std::move(agenda_.begin()->second);
    agenda_.erase(agenda_.begin());
    action();
  }
  std::vector<std::string> uids;  // pods may go while they are looked at
  for (const auto& pod : pods_) uids.push_back(pod->uid);
  for (const std::string& uid : uids) {
    if (LocalPod* pod = find(uid)) step_pod(*pod);
  }
  if (dirty_) reconcile_pods();
  publish_endpoints();
  publish_targets();
}

void LocalFleet::reconcile_pods() {
  dirty_ = false;
  std::vector<ControlledPod> pods;
  for (const auto& pod : pods_) pods.push_back(controlled(*pod));
  const ClusterSettings& cluster = parts_.settings.cluster;
  const ControllerPlan plan =
      reconcile(cluster.controller, cluster.pod_management, replicas_, pods, monotonic_now());
  for (const std::uint64_t serial : plan.remove) {
    const auto pod = std::find_if(pods_.begin(), pods_.end(),
                                  [serial](const auto& one) { return one->serial == serial; });
    if (pod != pods_.end()) terminate(**pod, "scaled down");
  }
  for (const int ordinal : plan.create) event("pod_created", create_pod(ordinal), "");
}

ClusterState LocalFleet::state() const {
  std::vector<PodObservation> pods;
  for (const auto& pod : pods_) {
    pods.push_back(observed(*pod, pod->draining, epoch_.value_or(pod->container_started)));
  }
  return cluster_state(replicas_, std::move(pods));
}

void LocalFleet::set_replicas(int replicas) {
  if (replicas == replicas_) return;
  fleet_event("replicas_set", fmt::format("{} -> {}", replicas_, replicas));
  replicas_ = replicas;
  dirty_ = true;
}

Result<LocalFleet::AdminAddress> LocalFleet::admin_address(const std::string& uid,
                                                           const std::string& verb) const {
  const LocalPod* pod = find(uid);
  if (pod == nullptr || pod->stage != LocalStage::serving) {
    return fail(fmt::format("{}: no serving pod has the uid '{}'", verb, uid));
  }
  return AdminAddress{pod->address, pod->admin_port};
}

void LocalFleet::asked(const std::string& uid, const char* event_kind, std::string detail) {
  LocalPod* pod = find(uid);
  if (pod == nullptr) return;
  if (std::string_view(event_kind) == "pod_drain" && std::exchange(pod->draining, true)) return;
  event(event_kind, *pod, std::move(detail));
}

Result<void> LocalFleet::set_deletion_cost(const std::string& uid, int cost) {
  LocalPod* pod = find(uid);
  if (pod == nullptr) return fail(fmt::format("deletion cost: no pod has the uid '{}'", uid));
  const Result<void> accepted = accept_deletion_cost(parts_.settings.cluster.controller);
  if (accepted) pod->deletion_cost = cost;
  return accepted;
}

LocalPod* LocalFleet::find(const std::string& uid) {
  return const_cast<LocalPod*>(std::as_const(*this).find(uid));
}

const LocalPod* LocalFleet::find(const std::string& uid) const {
  for (const auto& pod : pods_) {
    if (pod->uid == uid) return pod.get();
  }
  return nullptr;
}

void LocalFleet::at(TimeNs time, std::function<void()> action) {
  agenda_.emplace(time, std::move(action));
}

// What comes before t = 0 is preparation, no event of the run.
void LocalFleet::event(const char* kind, const LocalPod& pod, std::string detail) {
  const TimeNs now = run_time(monotonic_now());
  if (!epoch_ || now < 0) return;
  parts_.recorder.event({now, kind, pod.name, pod.uid, pod.node_name, std::move(detail)});
}

void LocalFleet::fleet_event(const char* kind, std::string detail) {
  const TimeNs now = run_time(monotonic_now());
  if (!epoch_ || now < 0) return;
  parts_.recorder.event({now, kind, "", "", "", std::move(detail)});
}

}  // namespace wsfleet
