// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the tests of this folder share: runs with given scores. Tests only.

#include <string>
#include <utility>
#include <vector>

#include "results/summary/run_summary.h"

namespace wsfleet {

inline FleetEvent event_at(TimeNs time, const std::string& kind) {
  FleetEvent event;
  event.time = time;
  event.kind = kind;
  return event;
}

inline RunSummary run_with(const std::string& policy, std::uint64_t seed, Scores scores,
                           const std::string& scenario = "flash-crowd") {
  RunSummary run;
  run.scenario = scenario;
  run.policy = policy;
  run.seed = seed;
  run.scores = std::move(scores);
  return run;
}

/// The scores that a recommendation looks at.
inline Scores service_scores(double violation_s, double refused_share, double cut,
                             double pod_hours) {
  return {{"scored_s", 3000},
          {"violation_s", violation_s},
          {"refused_share", refused_share},
          {"connections_cut_by_scaling", cut},
          {"pod_hours", pod_hours},
          {"sessions", 20000}};
}

}  // namespace wsfleet
