// SPDX-License-Identifier: Apache-2.0
#pragma once
// A recorder that adds the rows up and keeps them: what the simulator's tests look at.

#include <vector>

#include "core/seam/run_record.h"

namespace wsfleet {

class CountingRecorder : public Recorder {
 public:
  void second(const SecondRow& row) override {
    rows.push_back(row);
    sum.pod_seconds += row.pod_seconds;
    sum.arrivals += row.arrivals;
    sum.sessions_completed += row.sessions_completed;
    sum.sessions_lost += row.sessions_lost;
    sum.attempts += row.attempts;
    sum.opened += row.opened;
    sum.refused += row.refused;
    *sum.refused_for_capacity += *row.refused_for_capacity;
    sum.failed += row.failed;
    sum.attempts_late += row.attempts_late;
    sum.reconnects += row.reconnects;
    *sum.moved_by_scaling += *row.moved_by_scaling;
    *sum.cut_by_scaling += *row.cut_by_scaling;
    *sum.closed_by_shedding += *row.closed_by_shedding;
    *sum.cut_by_failure += *row.cut_by_failure;
    sum.messages += row.messages;
    sum.messages_late += row.messages_late;
    sum.deliveries += row.deliveries;
    *sum.deliveries_missed += *row.deliveries_missed;
    *sum.cpu_cores += *row.cpu_cores;
  }
  void event(const FleetEvent& event) override { events.push_back(event); }
  void decision(const Observation&, const Decision&) override {}
  void clients(const ClientHistograms& histograms) override { clients_seen = histograms; }
  void figures(const RunFigures& figures) override { run = figures; }

  std::vector<SecondRow> rows;
  SecondRow sum;
  std::vector<FleetEvent> events;
  ClientHistograms clients_seen;
  RunFigures run;
};

}  // namespace wsfleet
