// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the scaler tells of itself over HTTP: counters and levels for /metrics, and whether it
// moves. Thread-safe.

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "core/time.h"

namespace wsfleet {

/// Levels that are asked for when somebody looks.
struct ScalerLevels {
  bool leading = false;
  int lease_transitions = 0;
};

class ScalerStatus {
 public:
  void policy(const std::string& name, TimeNs interval, bool dry_run);
  void decided(int replicas, int wanted, TimeNs since_1970);
  void scaled(bool up);
  void held(const std::string& reason);
  /// "api", "apply", "metrics", "lease", "config".
  void error(const std::string& source);
  void reloaded(bool valid);
  /// The API server has answered about the fleet.
  void heard();
  /// The main thread is alive: called at each of its steps.
  void moved();

  /// docs/formats/scaler.md lists the metrics.
  std::string text(const ScalerLevels& levels) const;
  /// Since moved() was last called.
  TimeNs stillness() const;
  /// Since heard() was last called; kNever before.
  TimeNs silence() const;
  /// How long the main thread may stand still: three intervals, and a minute at least.
  TimeNs patience() const;

 private:
  mutable std::mutex mutex_;
  std::string policy_;
  TimeNs interval_ = 0;
  bool dry_run_ = false;
  std::int64_t decisions_ = 0;
  std::int64_t scale_ups_ = 0;
  std::int64_t scale_downs_ = 0;
  std::map<std::string, std::int64_t> holds_;
  std::map<std::string, std::int64_t> errors_;
  std::int64_t reloads_ = 0;
  std::int64_t bad_reloads_ = 0;
  bool config_valid_ = true;
  int replicas_ = 0;
  int wanted_ = 0;
  TimeNs decided_at_ = 0;  // since 1970; 0: never
  TimeNs moved_at_ = 0;
  TimeNs heard_at_ = -1;
};

}  // namespace wsfleet
