// SPDX-License-Identifier: Apache-2.0
#pragma once
// Addresses of WebSocket servers (RFC 6455, 3). Pure.

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

namespace wsfleet {

struct WebSocketUrl {
  bool tls = false;          // wss
  std::string host;          // a name or an address; IPv6 without its brackets
  std::uint16_t port = 80;   // 443 with wss
  std::string target = "/";  // path and query

  /// For the Host header: the port only where it is not the scheme's own.
  std::string host_header() const;
  bool operator==(const WebSocketUrl&) const = default;
};

/// "ws://host[:port][/path][?query]" or "wss://...". An error (usage) says what is wrong with it.
Result<WebSocketUrl> parse_websocket_url(std::string_view text);

/// "host:port", "[::1]:port"; a port alone ("3000") stands for that port on `default_host`.
struct HostPort {
  std::string host;
  std::uint16_t port = 0;
};
Result<HostPort> parse_host_port(std::string_view text, std::uint16_t default_port);

}  // namespace wsfleet
