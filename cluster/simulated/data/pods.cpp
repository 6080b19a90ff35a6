// SPDX-License-Identifier: Apache-2.0
#include "cluster/simulated/data/pods.h"

#include <algorithm>

namespace wsfleet {

PodSlot PodTable::create(const ServerSettings& server, const ProbeSettings& readiness) {
  PodSlot slot = 0;
  std::uint32_t life = 0;
  std::uint32_t handshake_generation = 0;
  if (free_.empty()) {
    slot = static_cast<PodSlot>(pods_.size());
    pods_.push_back(std::make_unique<Pod>(server, readiness));
  } else {
    slot = free_.back();
    free_.pop_back();
    // Events of the former owner may still be queued: generations go on.
    life = pods_[slot]->life + 1;
    handshake_generation = pods_[slot]->handshake_generation + 1;
    pods_[slot] = std::make_unique<Pod>(server, readiness);
  }
  Pod& pod = *pods_[slot];
  pod.life = life;
  pod.closes_life = life;
  pod.handshake_generation = handshake_generation;
  pod.serial = serials_++;
  alive_.push_back(slot);
  return slot;
}

void PodTable::destroy(PodSlot slot) {
  Pod& pod = *pods_[slot];
  pod.stage = PodStage::gone;
  pod.life = std::max(pod.life, pod.closes_life) + 1;
  ++pod.handshake_generation;
  alive_.erase(std::find(alive_.begin(), alive_.end(), slot));
  free_.push_back(slot);
}

std::optional<PodSlot> PodTable::find(const std::string& uid) const {
  for (const PodSlot slot : alive_) {
    if (pods_[slot]->uid == uid) return slot;
  }
  return std::nullopt;
}

}  // namespace wsfleet
