// SPDX-License-Identifier: Apache-2.0
#include "scaler/remote_scaler.h"

#include <algorithm>
#include <utility>

namespace wsfleet {
namespace {

class CountingRecorder : public Recorder {
 public:
  explicit CountingRecorder(Recorder& next) : next_(next) {}

  void decision(const Observation& observation, const Decision& decision) override {
    ++summary_.ticks;
    ++summary_.decisions;
    if (observation.metrics == MetricsStatus::error) ++summary_.metrics_errors;
    if (decision.held) ++summary_.held;
    scales_up_ = decision.replicas.value_or(0) > observation.replicas;
    next_.decision(observation, decision);
  }
  // A decision is told before what becomes of it.
  void event(const FleetEvent& event) override {
    if (event.kind == "scaled") ++(scales_up_ ? summary_.scale_ups : summary_.scale_downs);
    if (event.kind == "scaler_blind") ++summary_.blind;
    if (event.kind == "scaler_notice") note(event.detail);
    next_.event(event);
  }
  void second(const SecondRow& row) override { next_.second(row); }
  void clients(const ClientHistograms& histograms) override { next_.clients(histograms); }
  void figures(const RunFigures& figures) override { next_.figures(figures); }

  ControlLoopSummary summary() { return std::move(summary_); }

 private:
  // Each leader tells it anew.
  void note(const std::string& notice) {
    auto& notices = summary_.notices;
    if (std::find(notices.begin(), notices.end(), notice) == notices.end()) {
      notices.push_back(notice);
    }
  }

  Recorder& next_;
  ControlLoopSummary summary_;
  bool scales_up_ = false;
};

}  // namespace

Result<ControlLoopSummary> follow_remote_scaler(RemoteScaler& scaler, Recorder& recorder) {
  CountingRecorder counting(recorder);
  if (const auto followed = scaler.follow(counting); !followed) {
    return tl::unexpected(followed.error());
  }
  return counting.summary();
}

}  // namespace wsfleet
