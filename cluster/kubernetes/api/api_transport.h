// SPDX-License-Identifier: Apache-2.0
#pragma once
// HTTP over verified TLS to an API server: one connection per request, a deadline over all of it,
// answers whole or line by line. No retries, no JSON: that is api_client.h. Any thread may call,
// also several at a time.

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cluster/kubernetes/access/access.h"
#include "core/result.h"
#include "core/time.h"

namespace wsfleet {

struct ApiMessage {
  std::string method = "GET";
  std::string target;  // path and query
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  ClientIdentity identity = {};
};

struct TransportAnswer {
  int status = 0;
  std::string body;
  TimeNs retry_after = -1;  // of Retry-After in seconds; -1: none
};

/// Why there is no answer: `unavailable` for what may work in a moment, `failed` for a certificate
/// that is refused and answers that are too long, `stopped`, `configuration`.
struct TransportError {
  Error error;
  bool maybe_done = false;  // the request may have reached the server
};
template <class T>
using TransportResult = tl::expected<T, TransportError>;

struct LineHandlers {
  std::function<bool(std::string_view)> on_line;  // false: no more
  std::function<void()> on_open = {};             // the answer is a 200: lines may come
};

class ApiTransport {
 public:
  /// ErrorKind::configuration for an address or certificates that can't be used.
  static Result<std::unique_ptr<ApiTransport>> make(const ClusterAccess& access);
  ~ApiTransport();

  /// `deadline`: monotonic_now() at which it gives up.
  TransportResult<TransportAnswer> exchange(const ApiMessage& message, TimeNs deadline,
                                            const std::stop_token& stop = {});

  /// Hands on the lines of a 200 answer as they come, until it ends, `on_line` returns false,
  /// `stop` is requested or nothing came for `idle`. Another status is the answer, with its body.
  TransportResult<TransportAnswer> lines(const ApiMessage& message, TimeNs deadline_of_header,
                                         TimeNs idle, const std::stop_token& stop,
                                         const LineHandlers& handlers);

 private:
  struct Impl;
  explicit ApiTransport(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace wsfleet
