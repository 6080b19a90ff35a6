// SPDX-License-Identifier: Apache-2.0
#pragma once
// What becomes of a decision of the live scaler: the policy's memory goes to the Lease, the hold of
// this tick arms the cluster's guard, a line goes to stdout; scalings and holds become Events,
// counters and log lines, and what the loop tells a line of stdout too. The Lease comes first: who
// can't write to it as its holder does not act. On the control loop's thread.

#include <functional>
#include <string>

#include "core/event_log.h"
#include "core/run_record.h"
#include "scaler/live/decision_line.h"
#include "scaler/live/guarded_cluster.h"
#include "scaler/live/parts.h"
#include "scaler/live/saved_state.h"
#include "scaler/live/scaler_status.h"

namespace wsfleet {

struct LiveRecorderSettings {
  PolicyIdentity policy;
  std::string identity;  // of this scaler
  bool dry_run = false;
  double hold_until_s = 0;  // a leader without its policy's memory only adds pods before it
  std::string hold_text;    // and why
  std::function<void(const std::string& line)> print;
};

class LiveRecorder : public Recorder {
 public:
  /// All outlive it.
  LiveRecorder(LiveRecorderSettings settings, const Policy& policy, Leadership& leadership,
               ScalerFleet& fleet, GuardedCluster& cluster, ScalerStatus& status, EventLog& log);

  void decision(const Observation& observation, const Decision& decision) override;
  void event(const FleetEvent& event) override;
  void second(const SecondRow&) override {}
  void clients(const ClientHistograms&) override {}
  void figures(const RunFigures&) override {}

 private:
  bool leave_memory(double time_s);
  Hold hold_of(const Observation& observation, bool leads) const;
  void tell_hold(const Hold& hold);
  void tell_scaling(const FleetEvent& event);
  DecisionFrame frame_of(TimeNs now) const;

  const LiveRecorderSettings settings_;
  const Policy& policy_;
  Leadership& leadership_;
  ScalerFleet& fleet_;
  GuardedCluster& cluster_;
  ScalerStatus& status_;
  EventLog& log_;
  std::string told_hold_;   // the reason that was told last; "" for none
  std::string last_error_;  // of the Lease, so that an outage is one line
};

}  // namespace wsfleet
