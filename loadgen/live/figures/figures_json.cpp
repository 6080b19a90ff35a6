// SPDX-License-Identifier: Apache-2.0
#include "loadgen/live/figures/figures_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string_view>

namespace wsfleet {
namespace {

using Json = nlohmann::json;

/// {"503": n, ...} of the figures whose names begin with "refused_".
Json by_cause(const Counts& counts, std::string_view start) {
  Json causes = Json::object();
  for (std::size_t i = 0; i < kFigures; ++i) {
    const std::string_view name = figure_info()[i].name;
    if (name.starts_with(start)) causes[std::string(name.substr(start.size()))] = counts[i];
  }
  return causes;
}

Json seconds_to_json(const LoadFigures& figures) {
  Json columns = Json::array({"time_s"});
  for (const FigureInfo& info : figure_info()) columns.push_back(info.name);
  columns.push_back("lateness_max_ns");
  Json rows = Json::array();
  for (const LoadRow& row : figures.rows()) {
    Json values = Json::array({row.time_s});
    for (const std::int64_t value : row.counts) values.push_back(value);
    values.push_back(row.lateness_max);
    rows.push_back(std::move(values));
  }
  return {{"columns", columns}, {"rows", rows}};
}

/// Where each figure stands in a row; 0 when an earlier version did not have it.
Result<std::array<std::size_t, kFigures>> places_of(const std::vector<std::string>& columns) {
  std::array<std::size_t, kFigures> places{};
  if (columns.size() < 2 || columns.front() != "time_s" || columns.back() != "lateness_max_ns") {
    return fail("'seconds.columns' are not those of a load run");
  }
  for (std::size_t place = 1; place + 1 < columns.size(); ++place) {
    const auto figure =
        std::find_if(figure_info().begin(), figure_info().end(),
                     [&](const FigureInfo& info) { return info.name == columns[place]; });
    if (figure == figure_info().end()) {
      return fail(
          fmt::format("'seconds.columns': this version does not know '{}'", columns[place]));
    }
    places[static_cast<std::size_t>(figure - figure_info().begin())] = place;
  }
  return places;
}

Result<std::vector<LoadRow>> rows_from_json(const Json& json) {
  const auto columns = json.at("columns").get<std::vector<std::string>>();
  const auto places = places_of(columns);
  if (!places) return tl::unexpected(places.error());
  std::vector<LoadRow> rows;
  for (const Json& values : json.value("rows", Json::array())) {
    if (!values.is_array() || values.size() != columns.size()) {
      return fail(fmt::format("'seconds.rows[{}]' has the wrong length", rows.size()));
    }
    LoadRow row;
    row.time_s = values.front().get<std::int64_t>();
    for (std::size_t i = 0; i < kFigures; ++i) {
      const std::size_t place = (*places)[i];
      if (place > 0) row.counts[i] = values[place].get<std::int64_t>();
    }
    row.lateness_max = values.back().get<std::int64_t>();
    if (!rows.empty() && row.time_s != rows.back().time_s + 1) {
      return fail(fmt::format("'seconds.rows[{}]' does not follow the one before", rows.size()));
    }
    rows.push_back(row);
  }
  return rows;
}

Result<LoadFigures> parse(const Json& json) {
  LoadFigures figures;
  auto rows = rows_from_json(json.at("seconds"));
  if (!rows) return tl::unexpected(rows.error());
  figures.set_rows(std::move(*rows));
  figures.left.attempts_under_way = json.at("attempts").at("under_way_at_end").get<std::int64_t>();
  figures.left.connections_open = json.at("connections").at("open_at_end").get<std::int64_t>();
  figures.left.sessions_waiting = json.at("sessions").at("waiting_at_end").get<std::int64_t>();
  figures.left.messages_in_flight = json.at("messages").at("in_flight_at_end").get<std::int64_t>();
  figures.sessions = {std::stoull(json.value("session_digest", "0x0"), nullptr, 16),
                      json.at("sessions").at("started").get<std::int64_t>()};
  figures.replies_expected = json.at("messages").at("replies_expected").get<bool>();
  for (const auto& [code, closes] : json.at("connections").at("close_codes").items()) {
    figures.close_codes[std::stoi(code)] = closes.get<std::int64_t>();
  }
  for (const Json& thread : json.at("threads")) {
    figures.threads.push_back(
        {thread.at("cpu_s").get<double>(), thread.at("wall_s").get<double>()});
  }
  for (const auto& [name, histogram] : load_histograms()) {
    auto read = Histogram::from_json(json.at("histograms").at(name));
    if (!read) return fail(fmt::format("'histograms.{}': {}", name, read.error().message));
    figures.histograms.*histogram = std::move(*read);
  }
  return figures;
}

}  // namespace

Json figures_to_json(const LoadFigures& figures) {
  const Counts sums = figures.totals();
  Json json;
  json["sessions"] = {{"started", count(sums, Figure::sessions_started)},
                      {"completed", count(sums, Figure::sessions_completed)},
                      {"lost", count(sums, Figure::sessions_lost)},
                      {"waiting_at_end", figures.left.sessions_waiting}};
  json["attempts"] = {{"started", count(sums, Figure::attempts_started)},
                      {"reconnects", count(sums, Figure::reconnects)},
                      {"opened", count(sums, Figure::opened)},
                      {"refused", by_cause(sums, "refused_")},
                      {"failed", by_cause(sums, "failed_")},
                      {"late", count(sums, Figure::attempts_late)},
                      {"under_way_at_end", figures.left.attempts_under_way}};
  json["session_digest"] = fmt::format("0x{:016x}", figures.sessions.value());
  Json codes = Json::object();
  for (const auto& [code, closes] : figures.close_codes) codes[std::to_string(code)] = closes;
  json["connections"] = {{"opened", count(sums, Figure::opened)},
                         {"closed", by_cause(sums, "closed_")},
                         {"close_codes", codes},
                         {"open_at_end", figures.left.connections_open}};
  json["messages"] = {{"sent", count(sums, Figure::messages_sent)},
                      {"received", count(sums, Figure::messages_received)},
                      {"lost", count(sums, Figure::messages_lost)},
                      {"late", count(sums, Figure::messages_late)},
                      {"mismatched", count(sums, Figure::messages_mismatched)},
                      {"from_others", count(sums, Figure::messages_from_others)},
                      {"bytes_sent", count(sums, Figure::bytes_sent)},
                      {"bytes_received", count(sums, Figure::bytes_received)},
                      {"in_flight_at_end", figures.left.messages_in_flight},
                      {"replies_expected", figures.replies_expected}};
  json["threads"] = Json::array();
  for (const ThreadUse& thread : figures.threads) {
    json["threads"].push_back({{"cpu_s", thread.cpu_s}, {"wall_s", thread.wall_s}});
  }
  for (const auto& [name, histogram] : load_histograms()) {
    json["histograms"][name] = (figures.histograms.*histogram).to_json();
  }
  json["seconds"] = seconds_to_json(figures);
  return json;
}

Result<LoadFigures> figures_from_json(const Json& json) {
  try {
    return parse(json);
  } catch (const std::exception& error) {  // of the JSON library: a key is missing or mistyped
    return fail(error.what());
  }
}

std::string figures_to_csv(const LoadFigures& figures) {
  std::string text = "time_s,connections";
  for (const FigureInfo& info : figure_info()) text += fmt::format(",{}", info.name);
  text += ",lateness_max_s\n";
  std::int64_t connections = 0;
  for (const LoadRow& row : figures.rows()) {
    connections += count(row.counts, Figure::opened) - closed(row.counts);
    fmt::format_to(std::back_inserter(text), "{},{}", row.time_s, connections);
    for (const std::int64_t value : row.counts) {
      fmt::format_to(std::back_inserter(text), ",{}", value);
    }
    fmt::format_to(std::back_inserter(text), ",{}\n", to_seconds(row.lateness_max));
  }
  return text;
}

}  // namespace wsfleet
