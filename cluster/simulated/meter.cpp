// SPDX-License-Identifier: Apache-2.0
#include "cluster/simulated/meter.h"

namespace wsfleet {

Meter::Meter(const SimulationSettings& settings, Recorder& recorder)
    : recorder_(recorder),
      warmup_(settings.warmup),
      objective_(settings.objective),
      offered_(settings.duration, settings.workload, settings.server) {}

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
  emit();
  finished_ = row_;
  has_finished_ = true;
  row_ = SecondRow{};
  row_.time_s = finished_.time_s + 1;
}

void Meter::emit() {
  if (!has_finished_) return;
  const OfferedSecond offered = offered_.take(finished_.time_s);
  finished_.arrivals = offered.arrivals;
  finished_.offered_sessions = offered.sessions;
  finished_.offered_cpu_cores = offered.cpu_cores;
  recorder_.second(finished_);
  has_finished_ = false;
}

void Meter::finish() {
  emit();
  recorder_.clients(histograms_);
}

}  // namespace wsfleet
