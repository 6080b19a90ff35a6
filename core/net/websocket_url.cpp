// SPDX-License-Identifier: Apache-2.0
#include "core/net/websocket_url.h"

#include <fmt/format.h>

#include <charconv>

namespace wsfleet {
namespace {

tl::unexpected<Error> bad(std::string_view text, std::string_view why) {
  return fail(ErrorKind::usage, fmt::format("'{}' is no WebSocket address: {}", text, why));
}

bool has_space_or_control(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= ' ' || c == '\x7f') return true;
  }
  return false;
}

Result<std::uint16_t> parse_port(std::string_view digits) {
  unsigned value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stopped, error] = std::from_chars(digits.data(), end, value);
  if (error != std::errc() || stopped != end || value == 0 || value > 65535) {
    return fail(ErrorKind::usage, fmt::format("'{}' is no port (1 to 65535)", digits));
  }
  return static_cast<std::uint16_t>(value);
}

}  // namespace

Result<HostPort> parse_host_port(std::string_view text, std::uint16_t default_port) {
  HostPort result;
  result.port = default_port;
  std::string_view rest;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return fail(ErrorKind::usage, "']' is missing");
    result.host = text.substr(1, close - 1);
    rest = text.substr(close + 1);
  } else {
    const std::size_t colon = text.find(':');
    result.host = text.substr(0, colon);
    rest = colon == std::string_view::npos ? "" : text.substr(colon);
  }
  if (result.host.empty()) return fail(ErrorKind::usage, "the host is missing");
  if (rest.empty()) return result;
  if (!rest.starts_with(':')) {
    return fail(ErrorKind::usage, fmt::format("':' and a port should follow, not '{}'", rest));
  }
  const auto port = parse_port(rest.substr(1));
  if (!port) return tl::unexpected(port.error());
  result.port = *port;
  return result;
}

Result<WebSocketUrl> parse_websocket_url(std::string_view text) {
  if (has_space_or_control(text)) return bad(text, "it has blanks or control characters in it");
  WebSocketUrl url;
  std::string_view rest;
  if (text.starts_with("ws://")) {
    rest = text.substr(5);
  } else if (text.starts_with("wss://")) {
    url.tls = true;
    rest = text.substr(6);
  } else {
    return bad(text, "it should start with ws:// or wss://");
  }
  if (rest.find('#') != std::string_view::npos) {
    return bad(text, "a fragment ('#') has no meaning there; write %23");
  }
  const std::size_t target = rest.find_first_of("/?");
  const std::string_view authority = rest.substr(0, target);
  if (authority.find('@') != std::string_view::npos) {
    return bad(text, "user names have no place in it; send a header instead");
  }
  const auto place = parse_host_port(authority, url.tls ? 443 : 80);
  if (!place) return bad(text, place.error().message);
  url.host = place->host;
  url.port = place->port;
  if (target != std::string_view::npos) {
    url.target = rest[target] == '?' ? "/" : "";
    url.target += rest.substr(target);
  }
  return url;
}

std::string WebSocketUrl::host_header() const {
  const bool bracketed = host.find(':') != std::string::npos;
  const std::string name = bracketed ? fmt::format("[{}]", host) : host;
  return port == (tls ? 443 : 80) ? name : fmt::format("{}:{}", name, port);
}

}  // namespace wsfleet
