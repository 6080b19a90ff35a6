// SPDX-License-Identifier: Apache-2.0
#pragma once
// The one AdmissionRule of a server that several event loops ask, and the count that it judges by.
// Thread-safe.

#include <atomic>
#include <cstdint>
#include <mutex>

#include "core/time.h"
#include "server/rules.h"

namespace wsfleet {

class AdmissionGate {
 public:
  explicit AdmissionGate(const ServerSettings& settings) : settings_(settings), rule_(settings) {}

  /// On accept the connection counts until leave().
  Admission enter(TimeNs now) {
    const std::lock_guard lock(mutex_);
    const Admission verdict = rule_.admit(inside_.load(), draining_.load(), now);
    if (verdict == Admission::accept) inside_.fetch_add(1);
    return verdict;
  }
  void leave() { inside_.fetch_sub(1); }

  /// Open connections and handshakes under way.
  std::int64_t inside() const { return inside_.load(); }
  bool ready() const { return is_ready(settings_, inside(), draining()); }
  /// What the original means by /healthz: full or going is not well.
  bool has_room() const { return !draining() && inside() < settings_.max_connections; }

  bool draining() const { return draining_.load(); }
  void start_draining() { draining_.store(true); }

 private:
  const ServerSettings settings_;
  std::mutex mutex_;
  AdmissionRule rule_;
  std::atomic<std::int64_t> inside_{0};
  std::atomic<bool> draining_{false};
};

}  // namespace wsfleet
