// SPDX-License-Identifier: Apache-2.0
#include "cluster/simulated/data/meter.h"

namespace wsfleet {

Meter::Meter(const RunDescription& settings, TimeNs reach_delay, Recorder& recorder)
    : recorder_(recorder),
      warmup_(settings.warmup),
      offered_(settings.duration, settings.workload, settings.server, settings.objective),
      second_(settings.objective.time_to_connect),
      rows_held_(static_cast<std::size_t>((reach_delay + kSecond - 1) / kSecond)) {}

void Meter::opened(TimeNs attempt_began, TimeNs time) {
  second_.opened(time);
  if (scored(attempt_began)) histograms_.attempt_time.record(time);
}

void Meter::first_open(TimeNs intended_start, TimeNs time) {
  if (scored(intended_start)) histograms_.time_to_connect.record(time);
}

void Meter::session_lost(TimeNs intended_start, bool was_open) {
  ++row().sessions_lost;
  if (!was_open && scored(intended_start)) histograms_.time_to_connect.record_infinite();
}

void Meter::end_second(TimeNs now, int spec_replicas, const PodLevels& pods) {
  second_.levels(spec_replicas, pods);
  row().pod_seconds = pod_time_.take(now);
  ended_.push_back(second_.end());
  while (ended_.size() > rows_held_) emit();
}

void Meter::emit() {
  SecondRow& row = ended_.front();
  const OfferedSecond offered = offered_.take(row.time_s);
  row.arrivals = offered.arrivals;
  row.offered_sessions = offered.sessions;
  row.offered_cpu_cores = offered.cpu_cores;
  recorder_.second(row);
  ended_.pop_front();
}

void Meter::finish() {
  while (!ended_.empty()) emit();
  recorder_.clients(histograms_);
}

}  // namespace wsfleet
