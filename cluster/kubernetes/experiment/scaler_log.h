// SPDX-License-Identifier: Apache-2.0
#pragma once
// The decisions of a wsfleet-scaler that runs in the cluster, read from the logs of its pods as
// they are written: one follower per container, which goes on where it was after a break. Pods that
// come are followed too. docs/formats/scaler.md describes the lines.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cluster/kubernetes/api_client.h"
#include "core/observation.h"

namespace wsfleet {

/// One line of the scaler's log that tells of a decision.
struct ScalerDecision {
  Observation observation;
  Decision decision;   // with what was held of it
  std::string leader;  // the pod that decided
};

/// Nothing for lines of other kinds.
std::optional<ScalerDecision> scaler_decision(std::string_view line);

class ScalerLog {
 public:
  /// Called on a follower's thread, one at a time.
  using OnDecision = std::function<void(const ScalerDecision&)>;
  /// Every line, for the log that stays: the pod's name and the text without its end.
  using OnLine = std::function<void(const std::string& pod, std::string_view line)>;

  /// `client` outlives it.
  ScalerLog(ApiClient& client, std::string name_space, OnDecision on_decision, OnLine on_line);
  ~ScalerLog();

  /// What was written until now is read, then following ends.
  void finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace wsfleet
