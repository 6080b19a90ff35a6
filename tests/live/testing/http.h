// SPDX-License-Identifier: Apache-2.0
#pragma once
// Plain HTTP/1.1 over a raw socket: requests are given as bytes, so that they can be wrong. One
// thread.

#include <cstdint>
#include <string>
#include <string_view>

#include "tests/live/testing/socket.h"

namespace wsfleet {

struct RawResponse {
  int status = 0;  // 0: the connection ended without an answer
  std::string head;
  std::string body;

  /// A field's value, by its name in any case; "" when it is not there.
  std::string header(std::string_view name) const;
};

/// Reads one response from the socket; what follows it is put in `rest`. A body is as long as
/// Content-Length says, or to the end of the connection; 101 has none.
RawResponse read_response(Socket& socket, std::string& rest, TimeNs patience = kPatience);

/// Sends the bytes on a connection of their own and reads the answer.
RawResponse http_exchange(std::uint16_t port, std::string_view request);
/// `fields`: further header lines, each with its "\r\n".
RawResponse http_get(std::uint16_t port, std::string_view path, std::string_view fields = "");
RawResponse http_post(std::uint16_t port, std::string_view path, std::string_view fields = "");

/// A good upgrade request; replaced() makes it a bad one.
std::string upgrade_request(std::string_view target = "/ws/", std::string_view fields = "");
/// `text` with the first `old_part` replaced, which must be there (std::runtime_error).
std::string replaced(std::string text, std::string_view old_part, std::string_view new_part);

/// The value of Sec-WebSocket-Accept that belongs to upgrade_request()'s key (RFC 6455, 1.3).
inline constexpr std::string_view kExpectedAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

}  // namespace wsfleet
