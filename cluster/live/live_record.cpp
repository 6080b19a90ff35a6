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

void take_attempts(const Counts& counts, const FleetSecond& fleet, SecondRow& row) {
  row.opened = count(counts, Figure::opened);
  // 502 and 504 of the ingress: nobody answered there.
  const std::int64_t unanswered = count(counts, Figure::refused_other_status);
  row.refused = refused(counts) - unanswered;
  row.failed = failed(counts) + unanswered;
  row.attempts = row.opened + row.refused + row.failed;
  row.attempts_late = count(counts, Figure::attempts_late);
  row.refused_for_capacity = std::max<std::int64_t>(0, row.refused - fleet.refused_draining);
  row.reconnects = count(counts, Figure::reconnects);
  row.sessions_completed = count(counts, Figure::sessions_completed);
  row.sessions_lost = count(counts, Figure::sessions_lost);
  row.messages = static_cast<double>(count(counts, Figure::messages_sent));
  row.messages_late = static_cast<double>(count(counts, Figure::messages_late));
  row.deliveries = static_cast<double>(count(counts, Figure::messages_from_others));
}

}  // namespace

std::int64_t most_sessions(const std::vector<OfferedSecond>& offered) {
  std::int64_t most = 0;
  for (const OfferedSecond& second : offered) most = std::max(most, second.sessions);
  return most;
}

std::vector<SecondRow> live_rows(const std::vector<FleetSecond>& fleet, const LoadFigures& clients,
                                 const std::vector<OfferedSecond>& offered, int drain_close_code) {
  std::vector<SecondRow> rows(fleet.size());
  std::int64_t connections = 0;
  std::size_t next = 0;
  const std::vector<LoadRow>& seen = clients.rows();
  std::vector<std::int64_t> cuts(fleet.size() + kCutSeconds + 1, 0);  // by second, still to come
  for (std::size_t s = 0; s < fleet.size(); ++s) {
    SecondRow& row = rows[s];
    row.time_s = static_cast<std::int64_t>(s);
    row.spec_replicas = fleet[s].spec_replicas;
    row.ready_replicas = fleet[s].ready_replicas;
    row.supply = fleet[s].supply;
    row.pod_seconds = fleet[s].pod_seconds;
    row.cpu_cores = fleet[s].cpu_cores;
    row.jain_index = fleet[s].jain_index;
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
      take_attempts(counts, fleet[s], row);
      const Closes closes = closes_of(counts, drain_close_code);
      row.closed_by_shedding = std::min(closes.drained, fleet[s].closed_by_shed);
      row.moved_by_scaling = closes.drained - row.closed_by_shedding;
      row.cut_by_failure = closes.without_close_frame;
    }
    row.connections = connections;
    cuts[s] = fleet[s].cut_by_grace;
  }
  // Clients may count a close in the second before the harness has seen the process' end.
  for (std::size_t s = 0; s < fleet.size(); ++s) {
    const std::size_t from = s > 0 ? s - 1 : 0;
    for (std::size_t at = from; at < std::min(fleet.size(), s + kCutSeconds) && cuts[s] > 0; ++at) {
      const std::int64_t cut = std::min(cuts[s], rows[at].cut_by_failure);
      rows[at].cut_by_failure -= cut;
      rows[at].cut_by_scaling += cut;
      cuts[s] -= cut;
    }
  }
  return rows;
}

void record_live_run(const LiveRun& run, Recorder& recorder) {
  const LoadFigures& figures = run.clients.figures;
  std::int64_t peak = 0;
  for (const SecondRow& row : live_rows(run.fleet, figures, run.offered, run.drain_close_code)) {
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
