// SPDX-License-Identifier: Apache-2.0
// What happens once a second: the kubelet's look at its containers, the pods' claims on their
// nodes' CPU, and the recorder's row.
#include <algorithm>
#include <cmath>

#include "cluster/simulated/control/control_plane.h"
#include "core/live/stop.h"

namespace wsfleet {
namespace {

// A change of a claim by less than this share of the limit is not passed on to an uncontended node.
constexpr double kClaimThreshold = 0.02;
// On a node this full, claims follow every change that is worth a thousandth of a core.
constexpr double kContendedShare = 0.8;
constexpr double kContendedThreshold = 0.001;
// Handshakes that wait this long, in CPU seconds, make a pod claim all it may have.
constexpr double kBacklogSeconds = 0.05;

}  // namespace

void ControlPlane::end_second() {
  count_linked();
  for (std::size_t node = 0; node < nodes_.size(); ++node) {
    if (!nodes_[node].pods.empty()) update_cpu(static_cast<int>(node));
  }
  meter_.row().connections = data_->open_connections();
  meter_.row().sessions_stored = data_->store().keys(pods_, now());
  meter_.end_second(now(), replicas_, read_levels());
  const TimeNs second = now() / kSecond;
  stopped_ = stop_requested();
  if (stopped_ || (second + 1) * kSecond > settings_.duration) {
    ended_ = true;
    return;
  }
  post((second + 1) * kSecond, [this] { end_second(); });
}

// First what the claims of the last second turned out to get, then the claims for the next one.
void ControlPlane::update_cpu(int index) {
  Node& node = nodes_[static_cast<std::size_t>(index)];
  const double cores = settings_.cluster.nodes.cores;
  const PodSettings& limits = settings_.cluster.pod;
  if (node.claims_changed) {
    const std::vector<double> usage = shares_.usage(index);
    double idle = cores;
    for (const double used : usage) idle -= used;
    idle = std::max(0.0, idle);
    const double weight_share = cores / static_cast<double>(std::max<std::size_t>(1, usage.size()));
    // What it gets, what nobody uses, and at the least its share by weight (all weigh the same).
    for (std::size_t i = 0; i < usage.size() && i < node.claimants.size(); ++i) {
      const auto [slot, serial] = node.claimants[i];
      if (pods_[slot].serial != serial || pods_[slot].stage != PodStage::serving) continue;
      const double capacity = std::min(limits.cpu_limit, std::max(usage[i] + idle, weight_share));
      data_->set_capacity(slot, capacity, now());
    }
    node.claims_changed = false;
  }
  std::vector<CpuClaim>& claims = node.claims;
  claims.clear();
  double total = 0;
  double largest_change = 0;
  bool same_pods = true;
  for (const PodSlot slot : node.pods) {
    Pod& pod = pods_[slot];
    if (pod.stage != PodStage::serving) continue;
    data_->settle_handshakes(pod, now());
    count_background(slot);
    const double handshakes = pod.handshake_work_done / 1e9;
    const double waiting =
        static_cast<double>(pod.handshakes.size()) * data_->handshake_work_ns() / 1e9;
    const double load = data_->message_load(pod) + handshakes;
    const bool backlog = waiting > kBacklogSeconds || pod.message_backlog > 0;
    const double bound = backlog ? limits.cpu_limit : std::min(limits.cpu_limit, load);
    const std::size_t position = claims.size();
    same_pods = same_pods && position < node.claimants.size() &&
                node.claimants[position] == std::pair(slot, pod.serial);
    largest_change = std::max(largest_change, std::abs(bound - pod.claimed));
    total += bound;
    claims.push_back({slot, limits.cpu_request, bound});
    count_messages(pod);
    *meter_.row().cpu_cores += handshakes + std::min(data_->message_load(pod), pod.capacity);
    pod.handshake_work_done = 0;
  }
  const double threshold =
      total > kContendedShare * cores ? kContendedThreshold : kClaimThreshold * limits.cpu_limit;
  const bool gone = claims.size() != node.claimants.size();
  if (largest_change <= threshold && same_pods && !gone) return;
  if (total <= threshold && !node.has_claims) return;  // nothing there and nothing to take back
  node.claimants.clear();
  for (const CpuClaim& claim : claims) {
    pods_[claim.pod].claimed = claim.bound;
    node.claimants.emplace_back(claim.pod, pods_[claim.pod].serial);
  }
  shares_.set_claims(index, claims);
  node.has_claims = total > threshold;
  node.claims_changed = true;
}

// A second's messages of one pod: a fluid at the mean sojourn time S / (1 - rho) of M/G/1-PS, or
// behind the backlog that has built up.
void ControlPlane::count_messages(Pod& pod) {
  const double rate = settings_.workload.messages_per_second;
  if (rate <= 0 || pod.open.empty()) return;
  const double messages = rate * static_cast<double>(pod.open.size());
  const double service = to_seconds(settings_.server.costs.message_cpu);
  const double load = data_->message_load(pod);
  const double capacity = pod.cut_off ? 0.0 : pod.capacity;
  const double for_messages = std::max(capacity - pod.handshake_work_done / 1e9, 0.05 * capacity);
  pod.message_backlog = std::max(0.0, pod.message_backlog + load - for_messages);
  double latency = to_seconds(data_->round_trip());
  if (capacity <= 0) {
    latency = INFINITY;
  } else if (pod.message_backlog > 0) {
    latency += service + pod.message_backlog / capacity;
  } else {
    const double rho = std::min(0.999, (load + pod.handshake_work_done / 1e9) / capacity);
    latency += service / (1 - rho);
  }
  meter_.row().messages += messages;
  const bool late = latency > to_seconds(settings_.objective.message_latency);
  if (late) meter_.row().messages_late += messages;
  if (!meter_.scored(now())) return;
  if (latency == INFINITY) {
    meter_.histograms().message_latency.record_infinite(messages);
  } else {
    meter_.histograms().message_latency.record(from_seconds(latency), messages);
  }
}

PodLevels ControlPlane::read_levels() const {
  PodLevels levels;
  for (const PodSlot slot : pods_.alive()) {
    const Pod& pod = pods_[slot];
    levels.add({.ready = pod.ready,
                .started = pod.was_ready,
                .running = pod.stage == PodStage::serving,
                .terminating = pod.terminating,
                .sockets = static_cast<std::int64_t>(pod.open.size())});
  }
  return levels;
}

}  // namespace wsfleet
