// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a load generator counts: one row of counters per second, histograms, and what was left when
// the run ended. Totals are sums over the rows, so that a row and a total can't disagree;
// balances() then holds what was begun against what it came to. One thread each, then merge.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/histogram.h"
#include "core/time.h"
#include "loadgen/attempt_outcome.h"
#include "loadgen/session_digest.h"

namespace wsfleet {

/// Counters of a row. Their names and meanings are in figure_info().
enum class Figure : std::uint8_t {
  sessions_started,
  sessions_completed,
  sessions_lost,
  attempts_started,
  reconnects,
  opened,
  refused_503,
  refused_1013,
  refused_other_status,
  refused_no_endpoint,
  failed_connect_refused,
  failed_reset,
  failed_timeout,
  failed_tls,
  failed_no_descriptors,
  failed_no_source_ports,
  failed_protocol,
  failed_other,
  attempts_late,
  closed_own_end,
  closed_1000,
  closed_1001,
  closed_1002,
  closed_1007,
  closed_1008,
  closed_1009,
  closed_1011,
  closed_1012,
  closed_1013,
  closed_other_code,
  closed_no_code,
  closed_no_close_frame,
  closed_reset,
  closed_protocol_error,
  closed_idle_timeout,
  closed_close_timeout,
  messages_sent,
  messages_received,
  messages_lost,
  messages_late,
  messages_mismatched,
  messages_from_others,
  bytes_sent,
  bytes_received,
};
inline constexpr std::size_t kFigures = static_cast<std::size_t>(Figure::bytes_received) + 1;

struct FigureInfo {
  const char* name;
  const char* meaning;
};
/// In the order of the enumeration.
const std::array<FigureInfo, kFigures>& figure_info();

using Counts = std::array<std::int64_t, kFigures>;
inline std::int64_t count(const Counts& counts, Figure figure) {
  return counts[static_cast<std::size_t>(figure)];
}
/// Sums over the figures whose names begin with "refused_", "failed_" and "closed_".
std::int64_t refused(const Counts& counts);
std::int64_t failed(const Counts& counts);
std::int64_t closed(const Counts& counts);
/// What a figure that counts the ends of attempts says of them; nothing for others. Another status
/// than 503, as 502 and 504 of an ingress, says that nobody answered there.
std::optional<AttemptOutcome> outcome_of(Figure figure);
/// Opened, refused and failed: the attempts that came to an end.
std::int64_t attempts_ended(const Counts& counts);

/// The figure that counts closes by this code.
Figure closed_by_code(int code);

/// The second [time_s, time_s + 1); negative while sessions that are there at t = 0 connect.
struct LoadRow {
  std::int64_t time_s = 0;
  Counts counts{};
  TimeNs lateness_max = 0;  // of anything that the generator itself did too late
};

/// What had not come to an end when the run did.
struct LeftOver {
  std::int64_t connections_open = 0;
  std::int64_t attempts_under_way = 0;
  std::int64_t sessions_waiting = 0;
  std::int64_t messages_in_flight = 0;
};

struct ThreadUse {
  double cpu_s = 0;
  double wall_s = 0;
};

struct LoadHistograms {
  Histogram time_to_connect;  // per session, from its intended start to 101; never: infinite
  Histogram attempt_time;     // per attempt that opened, from its begin to 101
  Histogram message_latency;  // from the intended send time to the echo; lost: infinite
  Histogram start_lateness;   // attempts begun later than meant
  Histogram send_lateness;    // messages written later than meant
};
struct NamedHistogram {
  const char* name;
  Histogram LoadHistograms::*histogram;
};
const std::array<NamedHistogram, 5>& load_histograms();

class LoadFigures {
 public:
  LoadHistograms histograms;
  LeftOver left;
  std::vector<ThreadUse> threads;
  std::map<int, std::int64_t> close_codes;  // sent by servers, each code by itself
  SessionDigest sessions;                   // those that made their first attempt
  bool replies_expected = true;             // each message sent should come back

  /// The row that `now` falls into; rows in between are made. `now` never goes back by a second.
  LoadRow& row(TimeNs now) {
    if (now < row_end_ && now >= row_end_ - kSecond) return rows_.back();
    return next_row(now);
  }
  void add(TimeNs now, Figure figure, std::int64_t amount = 1) {
    row(now).counts[static_cast<std::size_t>(figure)] += amount;
  }
  /// An attempt's end after `took`; with an objective it may be a late one.
  void attempt_ended(TimeNs now, Figure as, TimeNs took, TimeNs objective) {
    add(now, as);
    if (objective > 0 && attempt_is_late(*outcome_of(as), took, objective)) {
      add(now, Figure::attempts_late);
    }
  }
  void late(TimeNs now, TimeNs lateness) {
    LoadRow& current = row(now);
    if (lateness > current.lateness_max) current.lateness_max = lateness;
  }

  const std::vector<LoadRow>& rows() const { return rows_; }
  /// Takes over stored rows; they must be contiguous.
  void set_rows(std::vector<LoadRow> rows);
  Counts totals() const;
  /// Figures add, histograms merge, threads line up.
  void merge(const LoadFigures& other);
  /// Sentences on what does not add up; empty when all does.
  std::vector<std::string> imbalances() const;

 private:
  LoadRow& next_row(TimeNs now);

  std::vector<LoadRow> rows_;
  TimeNs row_end_ = INT64_MIN + 2 * kSecond;
};

}  // namespace wsfleet
