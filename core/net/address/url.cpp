// SPDX-License-Identifier: Apache-2.0
#include "core/net/address/url.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace wsfleet {
namespace {

tl::unexpected<UrlError> wrong(UrlFault fault, std::size_t at, std::string_view piece = "") {
  return tl::unexpected(UrlError{fault, at, piece});
}

std::optional<std::uint16_t> port_of(std::string_view digits) {
  std::uint16_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stopped, error] = std::from_chars(digits.data(), end, value);
  if (error != std::errc() || stopped != end || value == 0) return std::nullopt;
  return value;
}

tl::expected<UrlPlace, UrlError> place_in(std::string_view text, std::size_t at) {
  UrlPlace place;
  std::string_view rest;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return wrong(UrlFault::bracket, at);
    place.bracketed = true;
    place.host = text.substr(1, close - 1);
    if (place.host.find_first_not_of("0123456789abcdefABCDEF:.%") != std::string_view::npos) {
      return wrong(UrlFault::no_ipv6, at + 1, place.host);
    }
    rest = text.substr(close + 1);
  } else {
    const std::size_t colon = std::min(text.find(':'), text.size());
    place.host = text.substr(0, colon);
    rest = text.substr(colon);
  }
  const std::size_t rest_at = at + text.size() - rest.size();
  if (place.host.empty()) return wrong(UrlFault::no_host, at);
  if (rest.empty()) return place;
  if (!rest.starts_with(':')) return wrong(UrlFault::after_host, rest_at, rest);
  place.port = port_of(rest.substr(1));
  if (!place.port) return wrong(UrlFault::port, rest_at + 1, rest.substr(1));
  return place;
}

/// Cuts off what follows the first `mark`.
std::optional<std::string_view> cut(std::string_view& text, char mark) {
  const std::size_t at = text.find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view after = text.substr(at + 1);
  text = text.substr(0, at);
  return after;
}

}  // namespace

std::string UrlError::text() const {
  switch (fault) {
    case UrlFault::blank:
      return "it has blanks or control characters in it";
    case UrlFault::scheme:
      return "it has no scheme and '://' in front";
    case UrlFault::bracket:
      return "']' is missing";
    case UrlFault::no_ipv6:
      return "only an IPv6 address stands in brackets";
    case UrlFault::no_host:
      return "the host is missing";
    case UrlFault::after_host:
      return fmt::format("':' and a port should follow, not '{}'", piece);
    case UrlFault::port:
      break;
  }
  return fmt::format("'{}' is no port (1 to 65535)", piece);
}

tl::expected<UrlPlace, UrlError> parse_place(std::string_view text) { return place_in(text, 0); }

tl::expected<Url, UrlError> parse_url(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (static_cast<unsigned char>(text[i]) <= ' ' || text[i] == '\x7f') {
      return wrong(UrlFault::blank, i, text.substr(i, 1));
    }
  }
  constexpr std::string_view kMark = "://";
  Url url;
  const std::size_t mark = text.find(kMark);
  if (mark == 0 || mark == std::string_view::npos || mark > text.find_first_of("/?#@"))
    return wrong(UrlFault::scheme, 0);
  url.scheme = text.substr(0, mark);
  const std::size_t begin = mark + kMark.size();
  url.end_at = std::min(text.find_first_of("/?#", begin), text.size());
  url.user_info_at = url.place_at = begin;
  std::string_view authority = text.substr(begin, url.end_at - begin);
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    url.user_info = authority.substr(0, at);
    url.place_at = begin + at + 1;
    authority = authority.substr(at + 1);
  }
  const auto place = place_in(authority, url.place_at);
  if (!place) return tl::unexpected(place.error());
  url.place = *place;
  url.path = text.substr(url.end_at);
  url.fragment = cut(url.path, '#');
  url.query = cut(url.path, '?');
  return url;
}

std::string place_text(std::string_view host, std::uint16_t port) {
  const bool bracketed = host.find(':') != std::string_view::npos;
  return fmt::format("{}{}{}:{}", bracketed ? "[" : "", host, bracketed ? "]" : "", port);
}

}  // namespace wsfleet
