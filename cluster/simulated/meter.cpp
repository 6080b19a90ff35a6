// SPDX-License-Identifier: Apache-2.0
#include "cluster/simulated/meter.h"

namespace wsfleet {

Meter::Meter(const RunDescription& settings, TimeNs reach_delay, Recorder& recorder)
    : recorder_(recorder),
      warmup_(settings.warmup),
      objective_(settings.objective),
      offered_(settings.duration, settings.workload, settings.server, settings.objective),
      rows_held_(static_cast<std::size_t>((reach_delay + kSecond - 1) / kSecond)) {}

void Meter::opened(TimeNs attempt_began, TimeNs time) {
  ++row_.attempts;
  ++row_.opened;
  if (time > objective_.time_to_connect) ++row_.attempts_late;
  if (scored(attempt_began)) histograms_.attempt_time.record(time);
}

void Meter::refused(bool for_capacity) {
  ++row_.attempts;
  ++row_.refused;
  if (for_capacity) ++row_.refused_for_capacity;
}

void Meter::failed() {
  ++row_.attempts;
  ++row_.failed;
  ++row_.attempts_late;
}

void Meter::closed(CloseCause cause) {
  switch (cause) {
    case CloseCause::moved_by_scaling:
      ++row_.moved_by_scaling;
      break;
    case CloseCause::cut_by_scaling:
      ++row_.cut_by_scaling;
      break;
    case CloseCause::shed:
      ++row_.closed_by_shedding;
      break;
    case CloseCause::cut_by_failure:
      ++row_.cut_by_failure;
      break;
  }
}

void Meter::first_open(TimeNs intended_start, TimeNs time) {
  if (scored(intended_start)) histograms_.time_to_connect.record(time);
}

void Meter::session_lost(TimeNs intended_start, bool was_open) {
  ++row_.sessions_lost;
  if (!was_open && scored(intended_start)) histograms_.time_to_connect.record_infinite();
}

void Meter::count_pods(int change, TimeNs now) {
  row_.pod_seconds += pods_ * to_seconds(now - pods_counted_);
  pods_counted_ = now;
  pods_ += change;
}

void Meter::end_second(TimeNs now) {
  count_pods(0, now);
  ended_.push_back(row_);
  row_ = SecondRow{};
  row_.time_s = ended_.back().time_s + 1;
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
