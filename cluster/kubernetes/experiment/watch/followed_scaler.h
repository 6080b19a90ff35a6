// SPDX-License-Identifier: Apache-2.0
#pragma once
// The wsfleet-scaler of an experiment, as the record sees it: the lines that its pods print become
// decisions and events of the run, as if the control loop had run here. docs/formats/scaler.md
// describes the lines.

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/seam/observation.h"
#include "core/seam/seam.h"

namespace wsfleet {

struct ScalerDecision {
  Observation observation;
  Decision decision;  // with what was held of it
};

/// What one line of a scaler's log tells; nothing for lines of other kinds.
using ScalerLine = std::variant<ScalerDecision, FleetEvent>;
std::optional<ScalerLine> scaler_line(std::string_view line);

class FollowedScaler : public RemoteScaler {
 public:
  /// Nothing from `end` on is recorded. `last_lines` returns when all that the pods had written was
  /// given to line(). `clock` outlives it.
  FollowedScaler(Clock& clock, TimeNs end, std::function<void()> last_lines);

  /// A line of a pod's log, on any thread; lines of before follow() are kept for it.
  void line(std::string_view text);
  Result<void> follow(Recorder& recorder) override;

 private:
  void hand_on(Recorder& recorder, TimeNs end);

  Clock& clock_;
  const TimeNs end_;
  const std::function<void()> last_lines_;
  std::mutex mutex_;
  std::vector<ScalerLine> waiting_;
};

/// The cluster and the metrics of a world that another's control loop scales: nobody else does, and
/// who tries is told so.
class ScaledElsewhere : public Cluster, public Metrics {
 public:
  Result<ClusterState> state() override { return refuse(); }
  Result<void> set_replicas(int) override { return refuse(); }
  Result<void> drain(const std::string&) override { return refuse(); }
  Result<void> shed(const std::string&, double) override { return refuse(); }
  Result<void> set_deletion_cost(const std::string&, int) override { return refuse(); }
  Result<std::unordered_map<std::string, MetricSample>> connections() override { return refuse(); }

 private:
  static tl::unexpected<Error> refuse() {
    return fail(ErrorKind::unsupported, "wsfleet-scaler in the cluster scales it");
  }
};

}  // namespace wsfleet
