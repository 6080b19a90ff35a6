// SPDX-License-Identifier: Apache-2.0
#pragma once
// The one parser of addresses (RFC 3986, 3, of URLs with a host): it takes them apart and says what
// is wrong and where. What an address may be for a WebSocket, for Redis or for an API server is
// checked by whoever wants it. Pure. Its pieces are views of the text.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace wsfleet {

enum class UrlFault { blank, scheme, bracket, no_ipv6, no_host, after_host, port };

struct UrlError {
  UrlFault fault;
  std::size_t at;            // the character, from 0
  std::string_view piece;    // what is wrong; "" where something is missing
  std::string text() const;  // in words
};

struct UrlPlace {
  std::string_view host;  // a name or an address; IPv6 without its brackets
  bool bracketed = false;
  std::optional<std::uint16_t> port;  // 1 to 65535

  std::uint16_t port_or(std::uint16_t other) const { return port.value_or(other); }
};

struct Url {
  std::string_view scheme;                    // before "://"
  std::optional<std::string_view> user_info;  // before '@', as written: percent-encoded
  UrlPlace place;
  std::string_view path;                     // from its '/'; "" for none
  std::optional<std::string_view> query;     // after '?'
  std::optional<std::string_view> fragment;  // after '#'
  std::size_t user_info_at = 0;              // where they begin
  std::size_t place_at = 0;
  std::size_t end_at = 0;  // of what follows the place

  /// Host and port alone, but for a '/'.
  bool is_bare() const {
    return !user_info && !query && !fragment && (path.empty() || path == "/");
  }
};

tl::expected<Url, UrlError> parse_url(std::string_view text);

/// "host", "host:port", "[::1]:port".
tl::expected<UrlPlace, UrlError> parse_place(std::string_view text);

/// "host:port", with the brackets of an IPv6 address.
std::string place_text(std::string_view host, std::uint16_t port);

}  // namespace wsfleet
