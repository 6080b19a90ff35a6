// SPDX-License-Identifier: Apache-2.0
#include "loadgen/live/figures/figures.h"

#include <fmt/format.h>

#include <algorithm>

namespace wsfleet {
namespace {

std::int64_t second_of(TimeNs time) {
  return time >= 0 ? time / kSecond : -((-time + kSecond - 1) / kSecond);
}

std::int64_t sum_of(const Counts& counts, std::string_view start) {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < kFigures; ++i) {
    if (std::string_view(figure_info()[i].name).starts_with(start)) sum += counts[i];
  }
  return sum;
}

}  // namespace

const std::array<FigureInfo, kFigures>& figure_info() {
  static constexpr std::array<FigureInfo, kFigures> kInfo = {{
      {"sessions_started", "sessions that made their first attempt"},
      {"sessions_completed", "sessions that stayed as long as they wanted"},
      {"sessions_lost", "sessions that gave up"},
      {"attempts_started", "attempts to connect"},
      {"reconnects", "attempts of sessions that had been open before"},
      {"opened", "attempts answered by 101"},
      {"refused_503", "refused with 503"},
      {"refused_1013", "opened and at once closed with 1013"},
      {"refused_other_status", "refused with another HTTP status"},
      {"refused_no_endpoint", "clients found no endpoint (--targets-file)"},
      {"failed_connect_refused", "nobody listens there"},
      {"failed_reset", "reset or closed before an answer"},
      {"failed_timeout", "no answer within the connect timeout"},
      {"failed_tls", "no TLS session, or a certificate that does not verify"},
      {"failed_no_descriptors", "this process has no file descriptor left"},
      {"failed_no_source_ports", "the source address has no port left"},
      {"failed_protocol", "the answer was no WebSocket handshake"},
      {"failed_other", "any other failure"},
      {"attempts_late", "failed, not answered by a server, or opened after --late-connect"},
      {"closed_own_end", "the session's own end"},
      {"closed_1000", "by the server, code 1000"},
      {"closed_1001", "by the server, code 1001 (going away)"},
      {"closed_1002", "by the server, code 1002 (protocol error)"},
      {"closed_1007", "by the server, code 1007 (invalid UTF-8)"},
      {"closed_1008", "by the server, code 1008 (policy)"},
      {"closed_1009", "by the server, code 1009 (too big)"},
      {"closed_1011", "by the server, code 1011 (internal error)"},
      {"closed_1012", "by the server, code 1012 (service restart)"},
      {"closed_1013", "by the server, code 1013, later than at once"},
      {"closed_other_code", "by the server, another code"},
      {"closed_no_code", "by the server, a close frame without a code"},
      {"closed_no_close_frame", "the connection ended without a close frame"},
      {"closed_reset", "reset"},
      {"closed_protocol_error", "the server broke the protocol"},
      {"closed_idle_timeout", "nothing came for the idle timeout"},
      {"closed_close_timeout", "the session's own end, not answered in time"},
      {"messages_sent", "messages sent"},
      {"messages_received", "own messages that came back"},
      {"messages_lost", "messages whose connection ended before they came back"},
      {"messages_late", "answered later than --late-message, or lost"},
      {"messages_mismatched", "those received that were out of order or altered"},
      {"messages_from_others", "messages of other members of the room"},
      {"bytes_sent", "payload bytes sent"},
      {"bytes_received", "payload bytes received"},
  }};
  return kInfo;
}

std::int64_t refused(const Counts& counts) { return sum_of(counts, "refused_"); }
std::int64_t failed(const Counts& counts) { return sum_of(counts, "failed_"); }
std::int64_t closed(const Counts& counts) { return sum_of(counts, "closed_"); }
std::optional<AttemptOutcome> outcome_of(Figure figure) {
  if (figure == Figure::opened) return AttemptOutcome::opened;
  if (figure == Figure::refused_other_status) return AttemptOutcome::failed;
  if (figure >= Figure::refused_503 && figure <= Figure::refused_no_endpoint) {
    return AttemptOutcome::refused;
  }
  if (figure >= Figure::failed_connect_refused && figure <= Figure::failed_other) {
    return AttemptOutcome::failed;
  }
  return std::nullopt;
}
std::int64_t attempts_ended(const Counts& counts) {
  return count(counts, Figure::opened) + refused(counts) + failed(counts);
}

Figure closed_by_code(int code) {
  switch (code) {
    case 1000:
      return Figure::closed_1000;
    case 1001:
      return Figure::closed_1001;
    case 1002:
      return Figure::closed_1002;
    case 1005:
      return Figure::closed_no_code;
    case 1007:
      return Figure::closed_1007;
    case 1008:
      return Figure::closed_1008;
    case 1009:
      return Figure::closed_1009;
    case 1011:
      return Figure::closed_1011;
    case 1012:
      return Figure::closed_1012;
    case 1013:
      return Figure::closed_1013;
    default:
      return Figure::closed_other_code;
  }
}

const std::array<NamedHistogram, 5>& load_histograms() {
  static constexpr std::array<NamedHistogram, 5> kNames = {{
      {"time_to_connect", &LoadHistograms::time_to_connect},
      {"attempt_time", &LoadHistograms::attempt_time},
      {"message_latency", &LoadHistograms::message_latency},
      {"start_lateness", &LoadHistograms::start_lateness},
      {"send_lateness", &LoadHistograms::send_lateness},
  }};
  return kNames;
}

LoadRow& LoadFigures::next_row(TimeNs now) {
  const std::int64_t second = second_of(now);
  if (rows_.empty()) rows_.push_back({.time_s = second});
  while (rows_.back().time_s < second) rows_.push_back({.time_s = rows_.back().time_s + 1});
  row_end_ = (rows_.back().time_s + 1) * kSecond;
  return rows_.back();
}

void LoadFigures::set_rows(std::vector<LoadRow> rows) {
  rows_ = std::move(rows);
  if (!rows_.empty()) row_end_ = (rows_.back().time_s + 1) * kSecond;
}

Counts LoadFigures::totals() const {
  Counts sums{};
  for (const LoadRow& row : rows_) {
    for (std::size_t i = 0; i < kFigures; ++i) sums[i] += row.counts[i];
  }
  return sums;
}

void LoadFigures::merge(const LoadFigures& other) {
  for (const auto& [name, histogram] : load_histograms()) {
    (histograms.*histogram).merge(other.histograms.*histogram);
  }
  left.connections_open += other.left.connections_open;
  left.attempts_under_way += other.left.attempts_under_way;
  left.sessions_waiting += other.left.sessions_waiting;
  left.messages_in_flight += other.left.messages_in_flight;
  threads.insert(threads.end(), other.threads.begin(), other.threads.end());
  for (const auto& [code, closes] : other.close_codes) close_codes[code] += closes;
  sessions.merge(other.sessions);
  replies_expected = replies_expected && other.replies_expected;
  if (other.rows_.empty()) return;

  std::vector<LoadRow> rows;
  const std::vector<LoadRow>& base = rows_.empty() ? other.rows_ : rows_;
  const std::int64_t first = std::min(base.front().time_s, other.rows_.front().time_s);
  const std::int64_t last = std::max(base.back().time_s, other.rows_.back().time_s);
  for (std::int64_t second = first; second <= last; ++second) rows.push_back({.time_s = second});
  const auto add = [&](const std::vector<LoadRow>& part) {
    for (const LoadRow& row : part) {
      LoadRow& sum = rows[static_cast<std::size_t>(row.time_s - first)];
      for (std::size_t i = 0; i < kFigures; ++i) sum.counts[i] += row.counts[i];
      sum.lateness_max = std::max(sum.lateness_max, row.lateness_max);
    }
  };
  add(rows_);
  add(other.rows_);
  set_rows(std::move(rows));
}

std::vector<std::string> LoadFigures::imbalances() const {
  const Counts sums = totals();
  std::vector<std::string> sentences;
  const auto hold = [&](const char* what, std::int64_t begun, std::int64_t accounted_for) {
    if (begun == accounted_for) return;
    sentences.push_back(fmt::format("{}: {} begun, {} accounted for", what, begun, accounted_for));
  };
  hold("attempts", count(sums, Figure::attempts_started),
       attempts_ended(sums) + left.attempts_under_way);
  hold("connections", count(sums, Figure::opened), closed(sums) + left.connections_open);
  hold("sessions", count(sums, Figure::sessions_started),
       count(sums, Figure::sessions_completed) + count(sums, Figure::sessions_lost) +
           left.connections_open + left.attempts_under_way + left.sessions_waiting);
  if (replies_expected) {
    hold("messages", count(sums, Figure::messages_sent),
         count(sums, Figure::messages_received) + count(sums, Figure::messages_lost) +
             left.messages_in_flight);
  }
  return sentences;
}

}  // namespace wsfleet
