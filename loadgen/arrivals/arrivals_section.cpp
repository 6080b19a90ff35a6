// SPDX-License-Identifier: Apache-2.0
#include "loadgen/arrivals/arrivals_section.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <initializer_list>
#include <limits>
#include <optional>
#include <sstream>
#include <utility>

#include "loadgen/arrivals/rate_function.h"

namespace wsfleet {
namespace {

constexpr Limits<double> kRate = {.min = 0, .max = kMostArrivalsPerSecond};
constexpr std::string_view kNoFile = "\n";  // no trace is called that
constexpr Limits<double> kFactor = {.min = 0, .exclusive_min = true};

/// Absent where the key is missing or wrong: then it is not compared with others, so that one
/// mistake is reported once.
std::optional<double> right_number(TomlTable& table, std::string_view key, Limits<double> limits) {
  const double value = table.number(key, std::numeric_limits<double>::quiet_NaN(), limits);
  return std::isnan(value) ? std::nullopt : std::optional(value);
}

std::optional<TimeNs> right_duration(TomlTable& table, std::string_view key) {
  const TimeNs value = table.duration(key, -1);
  return value < 0 ? std::nullopt : std::optional(value);
}

void require(TomlTable& table, std::string_view key) {
  if (!table.has(key)) table.error("", fmt::format("[{}] needs '{}'", table.path(), key));
}

std::string where(const TomlTable& table, std::string_view key) {
  return fmt::format("{}.{}", table.path(), key);
}

/// The tables of a list that must be there and must not be empty.
std::vector<TomlTable> required_list(TomlTable& table, std::string_view key) {
  require(table, key);
  std::vector<TomlTable> list = table.tables(key);
  if (list.empty() && table.has(key)) {
    table.error(key, fmt::format("'{}' must be a list of tables with at least one in it",
                                 where(table, key)));
  }
  return list;
}

void read_constant(TomlTable& table, const std::string&, ArrivalSettings& arrivals) {
  arrivals.rate = table.number("rate", arrivals.rate, kRate);
}

void read_diurnal(TomlTable& table, const std::string&, ArrivalSettings& arrivals) {
  arrivals.mean = table.number("mean", arrivals.mean, kRate);
  arrivals.swing = table.number("swing", arrivals.swing, {.min = 0, .max = 1});
  arrivals.period = table.duration("period", arrivals.period, {.min = kMinute});
  arrivals.peak_at = table.duration("peak_at", arrivals.peak_at);
}

/// A key of its own for each of the flash's numbers, in the shape's table or in one of a list.
Flash read_flash_keys(TomlTable& table, std::optional<double> base) {
  Flash flash;
  require(table, "peak");
  require(table, "start");
  const std::optional<double> peak = right_number(table, "peak", kRate);
  flash.peak = peak.value_or(1);
  flash.start = table.duration("start", 0);
  const std::optional<TimeNs> rise = right_duration(table, "rise");
  const std::optional<TimeNs> hold = right_duration(table, "hold");
  const std::optional<TimeNs> decay = right_duration(table, "decay");
  flash.rise = rise.value_or(0);
  flash.hold = hold.value_or(0);
  flash.decay = decay.value_or(0);
  if (peak && base && *peak < *base) {
    table.error("peak", fmt::format("'{}' is {:g}, below the base of {:g}", where(table, "peak"),
                                    *peak, *base));
  }
  const bool any_wrong = (table.has("rise") && !rise) || (table.has("hold") && !hold) ||
                         (table.has("decay") && !decay);
  if (!any_wrong && flash.rise == 0 && flash.hold == 0 && flash.decay == 0) {
    table.error("", fmt::format("the flash of [{}] lasts no time", table.path()),
                "set 'rise', 'hold' or 'decay'");
  }
  return flash;
}

/// Absent where it is written and wrong.
std::optional<double> read_base(TomlTable& table, ArrivalSettings& arrivals) {
  const std::optional<double> base = right_number(table, "base", kRate);
  arrivals.base = base.value_or(arrivals.base);
  return table.has("base") ? base : arrivals.base;
}

void read_flash(TomlTable& table, const std::string&, ArrivalSettings& arrivals) {
  const std::optional<double> base = read_base(table, arrivals);
  arrivals.flashes = {read_flash_keys(table, base)};
}

void read_spikes(TomlTable& table, const std::string&, ArrivalSettings& arrivals) {
  const std::optional<double> base = read_base(table, arrivals);
  for (TomlTable& spike : required_list(table, "spikes")) {
    arrivals.flashes.push_back(read_flash_keys(spike, base));
    spike.finish();
  }
}

void read_steps(TomlTable& table, const std::string&, ArrivalSettings& arrivals) {
  std::optional<TimeNs> previous;
  for (TomlTable& step : required_list(table, "steps")) {
    require(step, "at");
    require(step, "rate");
    const std::optional<TimeNs> at = right_duration(step, "at");
    const double rate = step.number("rate", 0, kRate);
    step.finish();
    if (at && previous && *at <= *previous) {
      step.error("at",
                 fmt::format("'{}' is {}, it must come after the {} of the step before",
                             where(step, "at"), format_duration(*at), format_duration(*previous)));
    }
    if (at) previous = at;
    arrivals.steps.push_back({at.value_or(0), rate});
  }
}

void read_trace_rows(TomlTable& table, const std::string& directory, ArrivalSettings& arrivals) {
  require(table, "file");
  const std::string file = table.string("file", kNoFile);
  if (file == kNoFile) return;
  if (file.empty()) {
    table.error("file", fmt::format("'{}' names no file", where(table, "file")));
    return;
  }
  const std::string path = (std::filesystem::path(directory) / file).lexically_normal().string();
  Result<std::vector<TraceRow>> rows = read_trace(path);
  if (rows) {
    arrivals.trace = *std::move(rows);
    return;
  }
  std::istringstream problems(rows.error().message);
  for (std::string problem; std::getline(problems, problem);) {
    table.error("file", fmt::format("'{}': {}", where(table, "file"), problem));
  }
}

TimeNs last_row_length(const std::vector<TraceRow>& rows) {
  return rows.back().at - rows[rows.size() - 2].at;
}

double busiest_rate(const std::vector<TraceRow>& rows) {
  double busiest = rows.back().arrivals / to_seconds(last_row_length(rows));
  for (std::size_t i = 0; i + 1 < rows.size(); ++i) {
    busiest = std::max(busiest, rows[i].arrivals / to_seconds(rows[i + 1].at - rows[i].at));
  }
  return busiest;
}

void check_scaled_trace(TomlTable& table, const ArrivalSettings& arrivals) {
  const std::vector<TraceRow>& rows = arrivals.trace;
  if (rows.empty()) return;  // it could not be read, and that is reported
  const TimeNs length = rows.back().at - rows.front().at + last_row_length(rows);
  const TimeNs scaled = from_seconds(to_seconds(length) * arrivals.time_scale);
  if (arrivals.offset >= scaled) {
    table.error("offset", fmt::format("'{}' is {}, but the scaled trace ends after {}",
                                      where(table, "offset"), format_duration(arrivals.offset),
                                      format_duration(scaled)));
  }
  const double busiest = busiest_rate(rows) * arrivals.rate_scale;
  if (arrivals.peak_concurrent <= 0 && busiest > kMostArrivalsPerSecond) {
    table.error(table.has("rate_scale") ? "rate_scale" : "file",
                fmt::format("the trace reaches {:.0f} sessions per second, the most is {:.0f}",
                            busiest, kMostArrivalsPerSecond),
                "scale it down by 'rate_scale' or 'peak_concurrent'");
  }
}

void read_trace_shape(TomlTable& table, const std::string& directory, ArrivalSettings& arrivals) {
  read_trace_rows(table, directory, arrivals);
  arrivals.rate_scale = table.number("rate_scale", arrivals.rate_scale, kFactor);
  arrivals.time_scale = table.number("time_scale", arrivals.time_scale, kFactor);
  arrivals.offset = table.duration("offset", arrivals.offset);
  arrivals.peak_concurrent =
      table.number("peak_concurrent", arrivals.peak_concurrent,
                   {.min = 0, .max = kMostConcurrent, .exclusive_min = true});
  if (table.has("peak_concurrent") && table.has("rate_scale")) {
    table.error("peak_concurrent",
                fmt::format("'{0}.peak_concurrent' chooses a scale of the rate, it can't stand "
                            "beside '{0}.rate_scale'",
                            table.path()),
                "remove one of them");
  }
  check_scaled_trace(table, arrivals);
}

struct ShapeEntry {
  const char* name;
  ArrivalShape shape;
  std::initializer_list<const char*> keys;
  void (*read)(TomlTable& table, const std::string& directory, ArrivalSettings& arrivals);
};

constexpr ShapeEntry kShapes[] = {
    {"constant", ArrivalShape::constant, {"rate"}, read_constant},
    {"diurnal", ArrivalShape::diurnal, {"mean", "swing", "period", "peak_at"}, read_diurnal},
    {"flash", ArrivalShape::flash, {"base", "peak", "start", "rise", "hold", "decay"}, read_flash},
    {"spikes", ArrivalShape::spikes, {"base", "spikes"}, read_spikes},
    {"steps", ArrivalShape::steps, {"steps"}, read_steps},
    {"trace",
     ArrivalShape::trace,
     {"file", "rate_scale", "time_scale", "offset", "peak_concurrent"},
     read_trace_shape},
};

std::string shapes_with(std::string_view key) {
  std::vector<std::string> names;
  for (const ShapeEntry& entry : kShapes) {
    if (std::find(entry.keys.begin(), entry.keys.end(), key) == entry.keys.end()) continue;
    names.push_back(fmt::format("'{}'", entry.name));
  }
  return names.empty() ? "" : fmt::format("shape {}", fmt::join(names, " or "));
}

}  // namespace

void report_misplaced(TomlTable& table, const std::string& chooser,
                      const std::vector<std::string>& own_keys,
                      std::string (*belongs_to)(std::string_view key)) {
  for (const std::string& key : table.keys()) {
    const std::string home = belongs_to(key);
    if (home.empty() || std::find(own_keys.begin(), own_keys.end(), key) != own_keys.end()) {
      continue;
    }
    table.error(key, fmt::format("key '{}' does not apply to {}", key, chooser),
                fmt::format("it belongs to {}", home));
    table.accept(key);
  }
}

ArrivalSettings read_arrivals(TomlTable table, const std::string& scenario_directory) {
  ArrivalSettings arrivals;
  std::string shape = table.choice("shape", "", arrival_shape_names());
  if (shape.empty() && table.has("shape")) {
    // Whose keys these should be nobody knows: only those that no shape has are mistakes.
    for (const std::string& key : table.keys()) {
      if (!shapes_with(key).empty()) table.accept(key);
    }
    table.finish();
    return arrivals;
  }
  if (shape.empty()) shape = "constant";
  const auto* entry = std::find_if(std::begin(kShapes), std::end(kShapes),
                                   [&](const ShapeEntry& known) { return known.name == shape; });
  arrivals.shape = entry->shape;
  entry->read(table, scenario_directory, arrivals);
  report_misplaced(table, fmt::format("shape '{}'", shape),
                   {entry->keys.begin(), entry->keys.end()}, shapes_with);
  table.finish();
  return arrivals;
}

std::vector<std::string> arrival_shape_names() {
  std::vector<std::string> names;
  for (const ShapeEntry& entry : kShapes) names.emplace_back(entry.name);
  return names;
}

std::vector<ArrivalShape> arrival_shapes() {
  std::vector<ArrivalShape> shapes;
  for (const ShapeEntry& entry : kShapes) shapes.push_back(entry.shape);
  return shapes;
}

}  // namespace wsfleet
