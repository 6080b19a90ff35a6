// SPDX-License-Identifier: Apache-2.0
#include "results/record/series.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "results/record/files.h"
#include "results/record/json_lines.h"
#include "results/summary/scores.h"

namespace wsfleet {
namespace {

template <auto field>
double value_of(const SecondRow& row, const Objective&) {
  return number_of(row.*field);
}

using enum Aggregate;
using Row = SecondRow;

constexpr std::array kColumns{
    SeriesColumn{
        "time_s", last, "end of the interval, seconds since t = 0",
        [](const Row& row, const Objective&) { return static_cast<double>(row.time_s + 1); }},
    SeriesColumn{"spec_replicas", last, "pods that the policy asked for",
                 value_of<&Row::spec_replicas>},
    SeriesColumn{"ready_replicas", last, "pods in the ingress' eyes",
                 value_of<&Row::ready_replicas>},
    SeriesColumn{"supply_replicas", last, "pods past start-up and not terminating, full or not",
                 value_of<&Row::supply>},
    SeriesColumn{"demand_replicas", last, "fewest pods that meet the objective",
                 [](const Row& row, const Objective& objective) {
                   return static_cast<double>(demand_of(objective, row));
                 }},
    SeriesColumn{"pod_seconds", sum, "pods between scheduled and gone, over time",
                 value_of<&Row::pod_seconds>},
    SeriesColumn{"cpu_cores", mean, "CPU that the pods used", value_of<&Row::cpu_cores>},
    SeriesColumn{"offered_sessions", last, "sessions that would be open were none ever refused",
                 value_of<&Row::offered_sessions>},
    SeriesColumn{"offered_cpu_cores", mean, "CPU that those sessions need",
                 value_of<&Row::offered_cpu_cores>},
    SeriesColumn{"connections", last, "connections open", value_of<&Row::connections>},
    SeriesColumn{"jain_index", last, "evenness of connections per serving pod, 1 is even",
                 value_of<&Row::jain_index>},
    SeriesColumn{"arrivals", sum, "sessions whose intended start lies in the interval",
                 value_of<&Row::arrivals>},
    SeriesColumn{"sessions_completed", sum, "sessions that reached their own end",
                 value_of<&Row::sessions_completed>},
    SeriesColumn{"sessions_lost", sum, "sessions that gave up", value_of<&Row::sessions_lost>},
    SeriesColumn{"attempts", sum, "connection attempts that ended", value_of<&Row::attempts>},
    SeriesColumn{"opened", sum, "attempts that opened", value_of<&Row::opened>},
    SeriesColumn{"refused", sum, "attempts refused: 503, 1013, no endpoint",
                 value_of<&Row::refused>},
    SeriesColumn{"refused_for_capacity", sum, "of those, refused as full or for want of a pod",
                 value_of<&Row::refused_for_capacity>},
    SeriesColumn{"failed", sum, "attempts that timed out or were reset", value_of<&Row::failed>},
    SeriesColumn{"attempts_late", sum, "attempts failed or opened later than the objective",
                 value_of<&Row::attempts_late>},
    SeriesColumn{"reconnects", sum, "attempts begun by sessions that had been open before",
                 value_of<&Row::reconnects>},
    SeriesColumn{"reconnects_peak_per_second", max, "most of them in one second",
                 value_of<&Row::reconnects>},
    SeriesColumn{"connections_moved_by_scaling", sum, "closed by a drain with a close frame",
                 value_of<&Row::moved_by_scaling>},
    SeriesColumn{"connections_cut_by_scaling", sum, "killed, or closed without a close frame",
                 value_of<&Row::cut_by_scaling>},
    SeriesColumn{"connections_closed_by_shedding", sum, "closed to even out pods",
                 value_of<&Row::closed_by_shedding>},
    SeriesColumn{"connections_cut_by_failure", sum, "cut by faults, crashes, out-of-memory kills",
                 value_of<&Row::cut_by_failure>},
    SeriesColumn{"messages", sum, "messages sent", value_of<&Row::messages>},
    SeriesColumn{"messages_late", sum, "messages later than the objective",
                 value_of<&Row::messages_late>},
    SeriesColumn{"deliveries", sum, "messages delivered to other members of a room",
                 value_of<&Row::deliveries>},
    SeriesColumn{"deliveries_missed", sum, "those that did not reach members on other pods",
                 value_of<&Row::deliveries_missed>},
    SeriesColumn{"sessions_stored", last, "keys in the session store",
                 value_of<&Row::sessions_stored>},
    SeriesColumn{
        "violation_s", sum, "seconds in which the objective was missed",
        [](const Row& row, const Objective&) { return number_of(violates_objective(row)); }},
};

// Without the seconds in which a level is not known; a sum of them is not known either.
double aggregate(const SeriesColumn& column, std::span<const SecondRow> rows,
                 const Objective& objective) {
  if (column.aggregate == last) return column.value(rows.back(), objective);
  double total = 0;
  double most = -std::numeric_limits<double>::infinity();
  std::size_t known = 0;
  for (const SecondRow& row : rows) {
    const double value = column.value(row, objective);
    if (std::isnan(value)) continue;
    total += value;
    most = std::max(most, value);
    ++known;
  }
  if (known == 0 || (column.aggregate == sum && known < rows.size())) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  if (column.aggregate == max) return most;
  return column.aggregate == mean ? total / static_cast<double>(known) : total;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

}  // namespace

std::span<const SeriesColumn> series_columns() { return kColumns; }

std::span<const double> Series::column(std::string_view name) const {
  const auto found = std::ranges::find(columns, name);
  if (found == columns.end()) return {};
  return values[static_cast<std::size_t>(found - columns.begin())];
}

Series build_series(std::span<const SecondRow> rows, const Objective& objective, TimeNs interval) {
  Series series;
  for (const SeriesColumn& column : kColumns) series.columns.emplace_back(column.name);
  series.values.resize(kColumns.size());
  const TimeNs length = std::max(interval, kSecond);
  for (std::size_t begin = 0; begin < rows.size();) {
    const TimeNs bucket = rows[begin].time_s * kSecond / length;
    std::size_t end = begin + 1;
    while (end < rows.size() && rows[end].time_s * kSecond / length == bucket) ++end;
    for (std::size_t i = 0; i < kColumns.size(); ++i) {
      series.values[i].push_back(
          aggregate(kColumns[i], rows.subspan(begin, end - begin), objective));
    }
    begin = end;
  }
  return series;
}

std::string to_csv(const Series& series) {
  std::string csv;
  for (std::size_t i = 0; i < series.columns.size(); ++i) {
    if (i > 0) csv += ',';
    csv += series.columns[i];
  }
  csv += '\n';
  for (std::size_t row = 0; row < series.length(); ++row) {
    for (std::size_t i = 0; i < series.columns.size(); ++i) {
      if (i > 0) csv += ',';
      if (!std::isnan(series.values[i][row])) append_number(csv, series.values[i][row]);
    }
    csv += '\n';
  }
  return csv;
}

Result<Series> parse_series(std::string_view csv, const std::string& name) {
  if (csv.ends_with('\n')) csv.remove_suffix(1);
  const std::vector<std::string_view> lines = split(csv, '\n');
  Series series;
  for (const std::string_view column : split(lines.front(), ',')) {
    series.columns.emplace_back(column);
  }
  series.values.resize(series.columns.size());
  for (std::size_t line = 1; line < lines.size(); ++line) {
    const std::vector<std::string_view> cells = split(lines[line], ',');
    const std::string place = name + ":" + std::to_string(line + 1) + ": ";
    if (cells.size() != series.columns.size()) {
      return fail(place + std::to_string(cells.size()) + " values for " +
                  std::to_string(series.columns.size()) + " columns");
    }
    for (std::size_t i = 0; i < cells.size(); ++i) {
      double value = std::numeric_limits<double>::quiet_NaN();
      const auto [end, error] =
          std::from_chars(cells[i].data(), cells[i].data() + cells[i].size(), value);
      const bool whole = error == std::errc() && end == cells[i].data() + cells[i].size();
      if (!whole && !cells[i].empty()) {
        return fail(place + "'" + std::string(cells[i]) + "' is not a number");
      }
      series.values[i].push_back(value);
    }
  }
  return series;
}

Result<Series> read_series(const std::string& path) {
  auto text = read_text_file(path);
  if (!text) return tl::unexpected(text.error());
  if (text->empty()) return fail(path + " is empty");
  return parse_series(*text, path);
}

}  // namespace wsfleet
