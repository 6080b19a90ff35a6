// SPDX-License-Identifier: Apache-2.0
#pragma once
// Tells of what the live scaler decides and does: a line per decision and per event to stdout;
// scalings and holds as Events, counters and log lines. On the control loop's thread.

#include <functional>
#include <string>

#include "core/live/event_log.h"
#include "core/seam/run_record.h"
#include "scaler/live/parts.h"
#include "scaler/live/scaler_status.h"
#include "scaler/live/term/decision_line.h"

namespace wsfleet {

struct LiveRecorderSettings {
  std::string identity;  // of this scaler
  bool dry_run = false;
  std::function<void(const std::string& line)> print;
};

class LiveRecorder : public Recorder {
 public:
  /// All outlive it.
  LiveRecorder(LiveRecorderSettings settings, ScalerFleet& fleet, ScalerStatus& status,
               EventLog& log);

  void decision(const Observation& observation, const Decision& decision) override;
  void event(const FleetEvent& event) override;
  void second(const SecondRow&) override {}
  void clients(const ClientHistograms&) override {}
  void figures(const RunFigures&) override {}

 private:
  void tell(const FleetEvent& event);
  DecisionFrame frame_of(TimeNs now) const;

  const LiveRecorderSettings settings_;
  ScalerFleet& fleet_;
  ScalerStatus& status_;
  EventLog& log_;
};

}  // namespace wsfleet
