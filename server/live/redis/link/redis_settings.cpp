// SPDX-License-Identifier: Apache-2.0
#include "server/live/redis/link/redis_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/net/address/url.h"

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

/// In words that repeat nothing of the text.
tl::unexpected<Error> bad(const UrlError& error) {
  switch (error.fault) {
    case UrlFault::blank:
      return bad(error.at, "blanks and control characters are written in percent form (%20)");
    case UrlFault::bracket:
      return bad(error.at, "the ']' to this '[' is missing");
    case UrlFault::after_host:
      return bad(error.at, "':' and a port should follow the host");
    case UrlFault::port:
      return bad(error.at, "the port should be a number from 1 to 65535");
    case UrlFault::scheme:
    case UrlFault::no_ipv6:
    case UrlFault::no_host:
      break;  // these repeat nothing
  }
  return bad(error.at, error.text());
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

std::string RedisSettings::place() const { return place_text(host, port); }

Result<RedisSettings> parse_redis_url(std::string_view text) {
  if (const auto scheme = check_scheme(text); !scheme) return tl::unexpected(scheme.error());
  const auto url = parse_url(text);
  if (!url && url.error().fault == UrlFault::blank) return bad(url.error());
  const std::size_t end = std::min(text.find_first_of("/?#", kScheme.size()), text.size());
  if (text.find('@', end) != std::string_view::npos) {
    return bad(end, "in a user or password '/' is written %2F, '?' %3F, '#' %23, '@' %40");
  }
  if (!url) return bad(url.error());
  RedisSettings settings;
  if (url->user_info) {
    const Piece user{*url->user_info, url->user_info_at};
    if (const std::size_t at = user.text.find('@'); at != std::string_view::npos) {
      return bad(user.at + at, "in a user or password '@' is written %40");
    }
    if (const auto read = read_user(user, settings); !read) return tl::unexpected(read.error());
  }
  settings.host = url->place.host;
  settings.port = url->place.port_or(settings.port);
  if (!url->place.bracketed && !is_host_name(settings.host)) {
    return bad(url->place_at, "a host is written with letters, digits, '.', '-' and '_'");
  }
  if (url->query || url->fragment) {
    return bad(url->end_at + url->path.size(),
               "no options follow; the database is written as a path (/1)");
  }
  if (url->path.empty() || url->path == "/") return settings;
  const auto database = number(url->path.substr(1), 1'000'000);
  if (!database) return bad(url->end_at + 1, "the database should be a number (0, 1, ...)");
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
