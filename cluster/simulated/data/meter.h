// SPDX-License-Identifier: Apache-2.0
#pragma once
// The meter of a simulation: the current second (cluster/second_meter.h), the clients' histograms
// (from the end of warm-up on) and the offered load. Rows reach the recorder late, when every
// session that belongs to them has arrived. Not thread-safe.

#include <deque>

#include "cluster/offered_load.h"
#include "cluster/second_meter.h"
#include "cluster/simulated/simulated.h"
#include "core/seam/run_record.h"

namespace wsfleet {

class Meter {
 public:
  /// `reach_delay`: from a session's intended start until it arrives.
  Meter(const RunDescription& settings, TimeNs reach_delay, Recorder& recorder);

  OfferedLoad& offered() { return offered_; }
  SecondRow& row() { return second_.row(); }
  ClientHistograms& histograms() { return histograms_; }
  /// Whether a session with this intended start, or a thing at this time, counts in histograms.
  bool scored(TimeNs time) const { return time >= warmup_; }

  // What became of an attempt; `time` is how long the client waited.
  void opened(TimeNs attempt_began, TimeNs time);
  void refused(bool for_capacity) { second_.refused(for_capacity); }
  void failed() { second_.failed(); }

  void closed(CloseCause cause) { second_.closed(cause); }
  void first_open(TimeNs intended_start, TimeNs time);
  void session_lost(TimeNs intended_start, bool was_open);

  /// Pods are scheduled and go.
  void count_pods(int change, TimeNs now) { pod_time_.change(change, now); }

  /// Ends the second that `now` closes. Rows whose sessions have all arrived go to the recorder.
  void end_second(TimeNs now, int spec_replicas, const PodLevels& pods);
  /// The rows and histograms that are still here.
  void finish();

 private:
  void emit();

  Recorder& recorder_;
  TimeNs warmup_;
  OfferedLoad offered_;
  SecondMeter second_;
  PodTime pod_time_;
  std::deque<SecondRow> ended_;  // complete but for their offered load
  std::size_t rows_held_;        // so many, for late arrivals
  ClientHistograms histograms_;
};

}  // namespace wsfleet
