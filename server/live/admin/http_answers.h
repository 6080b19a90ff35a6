// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the server answers to HTTP requests that do not become a WebSocket. Pure but for what it
// reads of the server's state; knows nothing of sockets.

#include <optional>
#include <string>
#include <string_view>

#include "server/live/server_parts.h"
#include "server/rules.h"

namespace wsfleet {

inline constexpr std::size_t kLongestRoom = 128;

struct HttpAnswer {
  unsigned status = 200;
  std::string body = {};
  std::string content_type = "text/plain; charset=utf-8";
  std::string extra_name = {};  // one more header; "" for none
  std::string extra_value = {};
};

struct RequestPath {
  std::string path;                 // without the query
  std::string query;                // without the '?'
  std::optional<std::string> room;  // of /ws, /ws/ (the room "") and /ws/<room>
};

RequestPath split_path(std::string_view target);

/// The value of `name` in "a=1&b=2"; absent when it is not there.
std::optional<std::string> query_value(std::string_view query, std::string_view name);

/// /metrics, /livez, /readyz, /healthz, and what is wrong with anything else.
HttpAnswer answer_http(std::string_view method, const RequestPath& path, const ServerParts& parts);

/// 503 with a reason in words and Retry-After.
HttpAnswer refusal(Admission verdict, const ServerOptions& options);

/// The label `reason` of wsfleet_connections_refused_total.
std::string_view reason_of(Admission verdict);

/// Sixteen bytes in base64 (RFC 6455, 4.2.1); Beast looks at the length alone.
bool is_websocket_key(std::string_view key);

/// Clients that are no browsers send no Origin and may come.
bool origin_allowed(const ServerOptions& options, std::string_view origin);

}  // namespace wsfleet
