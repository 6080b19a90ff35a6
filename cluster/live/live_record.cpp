// SPDX-License-Identifier: Apache-2.0
#include "cluster/live/live_record.h"

#include <algorithm>

namespace wsfleet {
namespace {

// A client hears of its server's end at once, by way of the ingress too; a second's counters may be
// a second late.
constexpr int kCutSeconds = 5;

struct Closes {
  std::int64_t drained = 0;
  std::int64_t without_close_frame = 0;
};

Closes closes_of(const Counts& counts, int drain_close_code) {
  Closes closes;
  closes.drained = count(counts, closed_by_code(drain_close_code));
  for (const Figure figure : {Figure::closed_no_close_frame, Figure::closed_reset,
                              Figure::closed_idle_timeout, Figure::closed_protocol_error}) {
    closes.without_close_frame += count(counts, figure);
  }
  return closes;
}

AttemptCounts attempts_of(const Counts& counts, const FleetSecond& fleet) {
  AttemptCounts attempts;
  for (std::size_t i = 0; i < kFigures; ++i) {
    const auto outcome = outcome_of(static_cast<Figure>(i));
    if (outcome == AttemptOutcome::opened) attempts.opened += counts[i];
    if (outcome == AttemptOutcome::refused) attempts.refused += counts[i];
    if (outcome == AttemptOutcome::failed) attempts.failed += counts[i];
  }
  attempts.refused_draining = fleet.refused_draining;
  attempts.late = count(counts, Figure::attempts_late);
  return attempts;
}

void take_sessions(const Counts& counts, SecondRow& row) {
  row.reconnects = count(counts, Figure::reconnects);
  row.sessions_completed = count(counts, Figure::sessions_completed);
  row.sessions_lost = count(counts, Figure::sessions_lost);
  row.messages = static_cast<double>(count(counts, Figure::messages_sent));
  row.messages_late = static_cast<double>(count(counts, Figure::messages_late));
  row.deliveries = static_cast<double>(count(counts, Figure::messages_from_others));
}

/// Whose closes they are, as far as this second alone tells.
void take_closes(const Closes& closes, const FleetSecond& fleet, SecondMeter& meter) {
  SecondRow& row = meter.row();
  if (fleet.closed_by_shed) {
    const std::int64_t shed = std::min(closes.drained, *fleet.closed_by_shed);
    meter.closed(CloseCause::shed, shed);
    meter.closed(CloseCause::moved_by_scaling, closes.drained - shed);
  } else if (closes.drained > 0) {
    row.closed_by_shedding = row.moved_by_scaling = std::nullopt;
  }
  if (fleet.cut_by_grace) {
    meter.closed(CloseCause::cut_by_failure, closes.without_close_frame);
  } else if (closes.without_close_frame > 0) {
    row.cut_by_failure = row.cut_by_scaling = std::nullopt;
  }
}

/// Clients may count a close in the second before the harness has seen the process' end.
void give_scaling_its_cuts(const std::vector<FleetSecond>& fleet, std::vector<SecondRow>& rows) {
  for (std::size_t s = 0; s < fleet.size(); ++s) {
    std::int64_t left = fleet[s].cut_by_grace.value_or(0);
    const std::size_t from = s > 0 ? s - 1 : 0;
    for (std::size_t at = from; at < std::min(fleet.size(), s + kCutSeconds) && left > 0; ++at) {
      if (!rows[at].cut_by_failure) continue;
      const std::int64_t cut = std::min(left, *rows[at].cut_by_failure);
      *rows[at].cut_by_failure -= cut;
      *rows[at].cut_by_scaling += cut;
      left -= cut;
    }
  }
}

}  // namespace

std::int64_t most_sessions(const std::vector<OfferedSecond>& offered) {
  std::int64_t most = 0;
  for (const OfferedSecond& second : offered) most = std::max(most, second.sessions);
  return most;
}

std::vector<SecondRow> live_rows(const std::vector<FleetSecond>& fleet, const LoadFigures& clients,
                                 const std::vector<OfferedSecond>& offered,
                                 const ServerSettings& server) {
  std::vector<SecondRow> rows;
  std::int64_t connections = 0;
  std::size_t next = 0;
  const std::vector<LoadRow>& seen = clients.rows();
  SecondMeter meter(0);  // the clients have told late attempts from others
  for (std::size_t s = 0; s < fleet.size(); ++s) {
    SecondRow& row = meter.row();
    meter.levels(fleet[s].spec_replicas, fleet[s].levels);
    row.pod_seconds = fleet[s].pod_seconds;
    row.cpu_cores = fleet[s].cpu_cores;
    if (server.mode == MessageMode::broadcast) row.deliveries_missed.reset();
    if (server.redis) row.sessions_stored.reset();
    if (s < offered.size()) {
      row.arrivals = offered[s].arrivals;
      row.offered_sessions = offered[s].sessions;
      row.offered_cpu_cores = offered[s].cpu_cores;
    }
    // Before t = 0 clients only connect: those sessions are there when the run begins.
    for (; next < seen.size() && seen[next].time_s <= row.time_s; ++next) {
      const Counts& counts = seen[next].counts;
      connections += count(counts, Figure::opened) - closed(counts);
      if (seen[next].time_s < row.time_s) continue;
      meter.attempts(attempts_of(counts, fleet[s]));
      take_sessions(counts, row);
      take_closes(closes_of(counts, server.drain.close_code), fleet[s], meter);
    }
    row.connections = connections;
    rows.push_back(meter.end());
  }
  give_scaling_its_cuts(fleet, rows);
  return rows;
}

void record_live_run(const LiveRun& run, Recorder& recorder) {
  const LoadFigures& figures = run.clients.figures;
  std::int64_t peak = 0;
  for (const SecondRow& row : live_rows(run.fleet, figures, run.offered, run.server)) {
    recorder.second(row);
    peak = std::max(peak, row.connections);
  }
  recorder.clients({.time_to_connect = figures.histograms.time_to_connect,
                    .attempt_time = figures.histograms.attempt_time,
                    .message_latency = figures.histograms.message_latency});
  RunFigures about;
  about.connections_peak = peak;
  about.sessions_begun = figures.sessions.sessions();
  about.session_digest = figures.sessions.value();
  about.start_lateness_p99_s = figures.histograms.start_lateness.quantile(0.99) / kSecond;
  about.client_processes = run.client_processes;
  about.surroundings.endpoints_known_p50_s = run.endpoints_known_p50_s;
  about.notices = run.notices;
  for (const std::string& warning : run.clients.warnings) about.notices.push_back(warning);
  for (const std::string& imbalance : figures.imbalances()) about.notices.push_back(imbalance);
  recorder.figures(about);
}

}  // namespace wsfleet
