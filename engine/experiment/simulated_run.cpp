// SPDX-License-Identifier: Apache-2.0
#include "engine/experiment/simulated_run.h"

#include "cluster/simulated/simulated.h"
#include "engine/experiment/run_in_world.h"

namespace wsfleet {
namespace {

/// Hands everything on and tells how far the run is.
class ProgressRecorder : public Recorder {
 public:
  ProgressRecorder(Recorder& next, const RunProgress& progress)
      : next_(next), progress_(progress) {}

  void second(const SecondRow& row) override {
    next_.second(row);
    if (progress_) progress_((row.time_s + 1) * kSecond);
  }
  void event(const FleetEvent& event) override { next_.event(event); }
  void decision(const Observation& observation, const Decision& decision) override {
    next_.decision(observation, decision);
  }
  void clients(const ClientHistograms& histograms) override { next_.clients(histograms); }
  void figures(const RunFigures& figures) override { next_.figures(figures); }

 private:
  Recorder& next_;
  const RunProgress& progress_;
};

}  // namespace

Result<RunSummary> simulated_run(const PlannedRun& run, RunRecorder& recorder,
                                 const RunProgress& progress) {
  return run_in_world(run, "simulated", recorder, [&](const WorldBody& body) {
    ProgressRecorder watched(recorder, progress);
    return simulate(run_description(*run.scenario, run.seed), watched, body);
  });
}

}  // namespace wsfleet
