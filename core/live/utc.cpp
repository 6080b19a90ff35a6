// SPDX-License-Identifier: Apache-2.0
#include "core/live/utc.h"

#include <fmt/format.h>

#include <chrono>
#include <optional>

namespace wsfleet {
namespace {

/// Takes what it reads off the front of the text; `ok` stays false after the first surprise.
struct Scanner {
  std::string_view text;
  bool ok = true;

  int digits(std::size_t count) {
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (i >= text.size() || text[i] < '0' || text[i] > '9') return ok = false, 0;
      value = value * 10 + (text[i] - '0');
    }
    text.remove_prefix(count);
    return value;
  }
  bool take(char c) {
    if (text.empty() || text.front() != c) return false;
    text.remove_prefix(1);
    return true;
  }
  void expect(char c) { ok = take(c) && ok; }
};

std::optional<TimeNs> fraction(Scanner& scan) {
  if (!scan.take('.')) return 0;
  TimeNs value = 0;
  TimeNs unit = kSecond;
  while (!scan.text.empty() && scan.text.front() >= '0' && scan.text.front() <= '9') {
    if (unit == 1) return std::nullopt;
    unit /= 10;
    value += unit * scan.digits(1);
  }
  return unit == kSecond ? std::nullopt : std::optional<TimeNs>(value);
}

std::optional<TimeNs> offset(Scanner& scan) {
  if (scan.take('Z')) return 0;
  const bool west = !scan.text.empty() && scan.text.front() == '-';
  if (!west && (scan.text.empty() || scan.text.front() != '+')) return std::nullopt;
  scan.text.remove_prefix(1);
  const int hours = scan.digits(2);
  scan.expect(':');
  const int minutes = scan.digits(2);
  if (hours > 23 || minutes > 59) return std::nullopt;
  return (west ? -1 : 1) * (hours * kHour + minutes * kMinute);
}

std::optional<TimeNs> parse(std::string_view text) {
  Scanner scan{text};
  const int year = scan.digits(4);
  scan.expect('-');
  const int month = scan.digits(2);
  scan.expect('-');
  const int day = scan.digits(2);
  scan.expect('T');
  const int hour = scan.digits(2);
  scan.expect(':');
  const int minute = scan.digits(2);
  scan.expect(':');
  const int second = scan.digits(2);
  const auto nanoseconds = fraction(scan);
  const auto east = offset(scan);
  if (!scan.ok || !nanoseconds || !east || !scan.text.empty()) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || year < 1970 || year > 2261 || hour > 23 || minute > 59 || second > 59) {
    return std::nullopt;
  }
  const TimeNs days = std::chrono::sys_days(date).time_since_epoch().count();
  return days * 24 * kHour + hour * kHour + minute * kMinute + second * kSecond + *nanoseconds -
         *east;
}

}  // namespace

Result<TimeNs> parse_utc(std::string_view text) {
  if (const auto time = parse(text)) return *time;
  return fail(ErrorKind::configuration,
              fmt::format("'{}' is not a point in time like 2026-11-24T19:00:00Z", text));
}

}  // namespace wsfleet
