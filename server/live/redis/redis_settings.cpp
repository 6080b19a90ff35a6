// SPDX-License-Identifier: Apache-2.0
#include "server/live/redis/redis_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace wsfleet {
namespace {

constexpr std::string_view kScheme = "redis://";
constexpr std::string_view kForm = "redis://[user[:password]@]host[:port][/database]";

/// A piece of the address that remembers where it stood.
struct Piece {
  std::string_view text;
  std::size_t at = 0;

  Piece sub(std::size_t from, std::size_t count = std::string_view::npos) const {
    return {text.substr(from, count), at + from};
  }
};

tl::unexpected<Error> bad(std::size_t at, std::string_view why) {
  return fail(ErrorKind::usage, fmt::format("the Redis address is wrong at character {}: {}; its "
                                            "form is {}",
                                            at + 1, why, kForm));
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Result<std::string> percent_decoded(Piece piece) {
  std::string decoded;
  for (std::size_t i = 0; i < piece.text.size(); ++i) {
    const char c = piece.text[i];
    if (c != '%') {
      decoded += c;
      continue;
    }
    const int high = i + 2 < piece.text.size() ? hex_digit(piece.text[i + 1]) : -1;
    const int low = i + 2 < piece.text.size() ? hex_digit(piece.text[i + 2]) : -1;
    if (high < 0 || low < 0) {
      return bad(piece.at + i,
                 "'%' needs two hexadecimal digits after it; write '%' itself as %25");
    }
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return decoded;
}

std::optional<int> number(std::string_view digits, int highest) {
  int value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stopped, error] = std::from_chars(digits.data(), end, value);
  if (error != std::errc() || stopped != end || value < 0 || value > highest) return std::nullopt;
  return value;
}

bool is_host_name(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  });
}

Result<void> read_user(Piece piece, RedisSettings& settings) {
  const std::size_t colon = piece.text.find(':');
  const auto user = percent_decoded(piece.sub(0, colon));
  if (!user) return tl::unexpected(user.error());
  settings.user = *user;
  if (colon == std::string_view::npos) return {};
  const auto password = percent_decoded(piece.sub(colon + 1));
  if (!password) return tl::unexpected(password.error());
  settings.password = *password;
  if (settings.password.empty()) return bad(piece.at + colon, "no password follows the ':'");
  return {};
}

Result<void> read_place(Piece piece, RedisSettings& settings) {
  Piece rest;
  if (piece.text.starts_with('[')) {
    const std::size_t close = piece.text.find(']');
    if (close == std::string_view::npos) return bad(piece.at, "the ']' to this '[' is missing");
    settings.host = piece.text.substr(1, close - 1);
    const bool address =
        settings.host.find_first_not_of("0123456789abcdefABCDEF:.%") == std::string::npos;
    if (!address) return bad(piece.at + 1, "only an IPv6 address stands in brackets");
    rest = piece.sub(close + 1);
  } else {
    const std::size_t colon = std::min(piece.text.find(':'), piece.text.size());
    settings.host = piece.text.substr(0, colon);
    if (!is_host_name(settings.host)) {
      return bad(piece.at, "a host is written with letters, digits, '.', '-' and '_'");
    }
    rest = piece.sub(colon);
  }
  if (settings.host.empty()) return bad(piece.at, "the host is missing");
  if (rest.text.empty()) return {};
  if (!rest.text.starts_with(':')) return bad(rest.at, "':' and a port should follow the host");
  const auto port = number(rest.text.substr(1), 65535);
  if (!port || *port == 0) return bad(rest.at + 1, "the port should be a number from 1 to 65535");
  settings.port = static_cast<std::uint16_t>(*port);
  return {};
}

Result<void> check_scheme(std::string_view text) {
  if (text.starts_with(kScheme)) return {};
  if (text.starts_with("rediss://")) {
    return bad(0, "TLS to Redis (rediss://) is not supported; use redis:// in a trusted network");
  }
  if (text.empty()) return bad(0, "it is empty");
  return bad(0, "it should start with redis://");
}

}  // namespace

std::string RedisSettings::place() const {
  const bool bracketed = host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", bracketed ? "[" : "", host, bracketed ? "]" : "", port);
}

Result<RedisSettings> parse_redis_url(std::string_view text) {
  if (const auto scheme = check_scheme(text); !scheme) return tl::unexpected(scheme.error());
  const Piece rest{text.substr(kScheme.size()), kScheme.size()};
  for (std::size_t i = 0; i < rest.text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(rest.text[i]);
    if (byte <= ' ' || byte == 0x7F) {
      return bad(rest.at + i, "blanks and control characters are written in percent form (%20)");
    }
  }
  const std::size_t end = std::min(rest.text.find_first_of("/?#"), rest.text.size());
  if (rest.text.find('@', end) != std::string_view::npos) {
    return bad(rest.at + end,
               "in a user or password '/' is written %2F, '?' %3F, '#' %23, '@' %40");
  }
  const Piece authority = rest.sub(0, end);
  RedisSettings settings;
  std::size_t host = 0;
  if (const std::size_t at = authority.text.find('@'); at != std::string_view::npos) {
    if (const std::size_t second = authority.text.find('@', at + 1);
        second != std::string_view::npos) {
      return bad(authority.at + at, "in a user or password '@' is written %40");
    }
    const auto user = read_user(authority.sub(0, at), settings);
    if (!user) return tl::unexpected(user.error());
    host = at + 1;
  }
  const auto place = read_place(authority.sub(host), settings);
  if (!place) return tl::unexpected(place.error());

  const Piece path = rest.sub(end);
  if (path.text.empty() || path.text == "/") return settings;
  if (!path.text.starts_with('/')) {
    return bad(path.at, "no options follow; the database is written as a path (/1)");
  }
  const auto database = number(path.text.substr(1), 1'000'000);
  if (!database) return bad(path.at + 1, "the database should be a number (0, 1, ...)");
  settings.database = *database;
  return settings;
}

TimeNs redis_back_off(const RedisSettings& settings, int failures, std::uint64_t bits) {
  TimeNs wait = settings.back_off_base;
  for (int i = 0; i < failures && wait < settings.back_off_cap; ++i) wait *= 2;
  wait = std::min(wait, settings.back_off_cap);
  const TimeNs half = wait / 2;
  return wait - half + static_cast<TimeNs>(bits % static_cast<std::uint64_t>(half + 1));
}

}  // namespace wsfleet
