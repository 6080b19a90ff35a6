// SPDX-License-Identifier: Apache-2.0
#pragma once
// A small HTTP/1.1 client for the live parts: probes, admin verbs, Prometheus' API, nginx' admin
// port. One request per connection, plain TCP, numeric IPv4 or IPv6 addresses; a deadline covers
// connecting, sending and the whole answer. An answer with any status is a value; no answer is an
// Error: ErrorKind::unavailable, with the address and the reason in words. Bodies are limited to
// kMaxHttpBodyBytes. Not thread-safe, but each call may come from another thread.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/time.h"

namespace boost::asio {
class io_context;
}

namespace wsfleet {

inline constexpr std::size_t kMaxHttpBodyBytes = 16 * 1024 * 1024;

struct HttpRequest {
  std::string method = "GET";
  std::string address = "127.0.0.1";
  std::uint16_t port = 80;
  std::string target = "/";  // path and query, already percent-encoded
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
};

struct HttpResponse {
  int status = 0;
  std::string body;
};

/// Blocks, for `timeout` at most.
Result<HttpResponse> http_exchange(const HttpRequest& request, TimeNs timeout);

using HttpHandler = std::function<void(Result<HttpResponse>)>;
/// Returns at once; `done` is called exactly once on `io`'s thread, never from within this call.
void http_exchange(boost::asio::io_context& io, HttpRequest request, TimeNs timeout,
                   HttpHandler done);

/// "a b&c" as "a%20b%26c".
std::string percent_encode(std::string_view text);

}  // namespace wsfleet
