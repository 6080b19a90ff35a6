// SPDX-License-Identifier: Apache-2.0
#include "core/net/address/websocket_url.h"

#include <fmt/format.h>

#include "core/net/address/url.h"

namespace wsfleet {
namespace {

tl::unexpected<Error> bad(std::string_view text, std::string_view why) {
  return fail(ErrorKind::usage, fmt::format("'{}' is no WebSocket address: {}", text, why));
}

constexpr const char* kSchemes = "it should start with ws:// or wss://";

}  // namespace

Result<HostPort> parse_host_port(std::string_view text, std::uint16_t default_port) {
  const auto place = parse_place(text);
  if (!place) return fail(ErrorKind::usage, place.error().text());
  return HostPort{std::string(place->host), place->port_or(default_port)};
}

Result<WebSocketUrl> parse_websocket_url(std::string_view text) {
  const auto parts = parse_url(text);
  if (!parts && parts.error().fault == UrlFault::scheme) return bad(text, kSchemes);
  if (!parts) return bad(text, parts.error().text());
  WebSocketUrl url;
  url.tls = parts->scheme == "wss";
  if (!url.tls && parts->scheme != "ws") return bad(text, kSchemes);
  if (parts->fragment) return bad(text, "a fragment ('#') has no meaning there; write %23");
  if (parts->user_info) {
    return bad(text, "user names have no place in it; send a header instead");
  }
  url.host = parts->place.host;
  url.port = parts->place.port_or(url.tls ? 443 : 80);
  url.target = parts->path.empty() ? "/" : parts->path;
  if (parts->query) url.target += fmt::format("?{}", *parts->query);
  return url;
}

std::string WebSocketUrl::host_header() const {
  const std::string whole = place_text(host, port);
  return port == (tls ? 443 : 80) ? whole.substr(0, whole.rfind(':')) : whole;
}

}  // namespace wsfleet
