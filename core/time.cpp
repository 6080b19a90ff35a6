// SPDX-License-Identifier: Apache-2.0
#include "core/time.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace wsfleet {
namespace {

struct Unit {
  std::string_view name;
  TimeNs length;
};

constexpr std::array kUnits{
    Unit{"d", 24 * kHour},    Unit{"h", kHour},         Unit{"m", kMinute}, Unit{"s", kSecond},
    Unit{"ms", kMillisecond}, Unit{"us", kMicrosecond}, Unit{"ns", 1}};

const Unit* find_unit(std::string_view name) {
  for (const Unit& unit : kUnits) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

bool is_digit_or_point(char c) { return (c >= '0' && c <= '9') || c == '.'; }

// Whole steps of `unit`, saturating at kNever in both directions.
TimeNs whole_steps(double steps, TimeNs unit) {
  const double limit = 9.2e18 / static_cast<double>(unit);
  if (!(steps < limit)) return kNever;
  if (steps <= -limit) return -kNever;
  return static_cast<TimeNs>(std::llround(steps)) * unit;
}

}  // namespace

TimeNs from_seconds(double seconds) { return whole_steps(seconds * 1e9, 1); }

TimeNs from_seconds_rounded(double seconds) { return whole_steps(seconds * 1e6, kMicrosecond); }

Result<TimeNs> parse_duration(std::string_view text) {
  const auto wrong = [text] {
    return fail(ErrorKind::configuration,
                fmt::format("'{}' is not a duration; write it as \"250ms\", \"15s\" or \"1h30m\" "
                            "(units: ns, us, ms, s, m, h, d)",
                            text));
  };
  if (text == "0") return TimeNs{0};
  if (text.empty()) return wrong();
  long double total = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t number_begin = at;
    while (at < text.size() && is_digit_or_point(text[at])) ++at;
    const std::string_view number = text.substr(number_begin, at - number_begin);
    const std::size_t unit_begin = at;
    while (at < text.size() && text[at] >= 'a' && text[at] <= 'z') ++at;
    const Unit* unit = find_unit(text.substr(unit_begin, at - unit_begin));
    long double value = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
    const bool whole = error == std::errc{} && end == number.data() + number.size();
    if (!whole || unit == nullptr) return wrong();
    total += value * static_cast<long double>(unit->length);
  }
  if (total >= 9.2e18L) {
    return fail(ErrorKind::configuration,
                fmt::format("'{}' is longer than a run can be (292 years)", text));
  }
  return static_cast<TimeNs>(std::llround(total));
}

std::string format_duration(TimeNs time) {
  if (time == 0) return "0s";
  if (time == kNever) return "never";
  std::string text;
  std::uint64_t rest = static_cast<std::uint64_t>(time);
  if (time < 0) {
    text = "-";
    rest = 0 - rest;
  }
  for (const Unit& unit : kUnits) {
    const auto length = static_cast<std::uint64_t>(unit.length);
    if (rest >= length) text += fmt::format("{}{}", rest / length, unit.name);
    rest %= length;
  }
  return text;
}

std::string format_duration_short(TimeNs time) {
  if (time == kNever) return "never";
  if (time < 0) return "-" + format_duration_short(-std::max(time, -kNever));
  const double seconds = to_seconds(time);
  if (seconds == 0) return "0s";
  // What rounds to 1000 belongs to the next unit.
  if (seconds < 999.5e-6) return fmt::format("{:.3g}us", seconds * 1e6);
  if (seconds < 999.5e-3) return fmt::format("{:.3g}ms", seconds * 1e3);
  if (seconds < 10) return fmt::format("{:.3g}s", seconds);
  if (seconds < 59.95) return fmt::format("{:.1f}s", seconds);
  const auto whole = std::llround(seconds);
  if (whole < 3600) return fmt::format("{}m {:02}s", whole / 60, whole % 60);
  return fmt::format("{}h {:02}m", whole / 3600, whole % 3600 / 60);
}

}  // namespace wsfleet
