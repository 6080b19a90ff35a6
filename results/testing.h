// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the tests of this folder share: runs with given scores, a scratch directory. Tests only.

#include <stdlib.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "results/run_summary.h"

namespace wsfleet {

/// A directory of its own that is gone at the end of the test.
class ScratchDirectory {
 public:
  ScratchDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "wsfleet-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~ScratchDirectory() { std::filesystem::remove_all(path_); }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path_), {}));
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

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
