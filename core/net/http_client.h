// SPDX-License-Identifier: Apache-2.0
#pragma once
// A small HTTP/1.1 client for the live parts: probes, admin verbs, Prometheus' API, nginx' admin
// port. One request per connection, plain TCP; a deadline covers looking up the host, connecting,
// sending and the whole answer. An answer with any status is a value; no answer is an
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
  std::string address = "127.0.0.1";  // numeric, IPv4 or IPv6; a host's name where that is allowed
  std::uint16_t port = 80;
  std::string target = "/";  // path and query, already percent-encoded
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
};

struct HttpResponse {
  int status = 0;
  std::string body;
};

/// Blocks, for `timeout` at most. A host's name may stand for the address: all that it has are
/// tried, in the resolver's order.
Result<HttpResponse> http_exchange(const HttpRequest& request, TimeNs timeout);

using HttpHandler = std::function<void(Result<HttpResponse>)>;
/// The same without waiting, for numeric addresses: returns at once; `done` is called exactly once
/// on `io`'s thread, never from within this call.
void http_exchange(boost::asio::io_context& io, HttpRequest request, TimeNs timeout,
                   HttpHandler done);

/// All at once, in bounded number; blocks for `timeout` at most, which is that of all together. One
/// answer for each request, in their order. Numeric addresses.
std::vector<Result<HttpResponse>> http_exchange_all(const std::vector<HttpRequest>& requests,
                                                    TimeNs timeout);

/// "a b&c" as "a%20b%26c".
std::string percent_encode(std::string_view text);

}  // namespace wsfleet
