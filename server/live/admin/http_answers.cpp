// SPDX-License-Identifier: Apache-2.0
#include "server/live/admin/http_answers.h"

#include <fmt/format.h>

#include <algorithm>

namespace wsfleet {
namespace {

HttpAnswer health(bool well, std::string_view otherwise) {
  if (well) return {200, "ok\n"};
  return {503, fmt::format("{}\n", otherwise)};
}

std::int64_t whole_seconds(TimeNs time) { return (time + kSecond - 1) / kSecond; }

}  // namespace

RequestPath split_path(std::string_view target) {
  RequestPath result;
  const std::size_t question = target.find('?');
  result.path = target.substr(0, question);
  if (question != std::string_view::npos) result.query = target.substr(question + 1);
  if (result.path == "/ws") result.room = "";
  if (result.path.starts_with("/ws/")) result.room = result.path.substr(4);
  return result;
}

std::optional<std::string> query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
      return std::string(pair.substr(equals + 1));
    }
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
  }
  return std::nullopt;
}

HttpAnswer answer_http(std::string_view method, const RequestPath& path, const ServerParts& parts) {
  if (path.room) {
    return {426, "This is a WebSocket endpoint: ask for an upgrade.\n", "text/plain; charset=utf-8",
            "Upgrade", "websocket"};
  }
  const bool known = path.path == "/metrics" || path.path == "/livez" || path.path == "/readyz" ||
                     path.path == "/healthz";
  if (!known) {
    return {404, "There are /ws/, /ws/<room>, /metrics, /livez, /readyz and /healthz.\n"};
  }
  if (method != "GET" && method != "HEAD") {
    return {405, "Only GET and HEAD.\n", "text/plain; charset=utf-8", "Allow", "GET, HEAD"};
  }
  if (path.path == "/metrics") {
    return {200, parts.metrics_text(), "text/plain; version=0.0.4; charset=utf-8"};
  }
  if (path.path == "/livez") return {200, "ok\n"};
  const char* why = parts.gate.draining() ? "draining" : "full";
  if (path.path == "/readyz") return health(parts.gate.ready(), why);
  return health(parts.gate.has_room(), why);
}

HttpAnswer refusal(Admission verdict, const ServerOptions& options) {
  std::string why;
  switch (verdict) {
    case Admission::refuse_draining:
      why = "This server is going away";
      break;
    case Admission::refuse_rate:
      why = "Too many connections are coming at once";
      break;
    default:
      why = fmt::format("This server has the {} connections that it takes",
                        options.rules.max_connections);
  }
  const std::int64_t seconds = whole_seconds(options.retry_after);
  return {503, fmt::format("{}; try again in {} s.\n", why, seconds), "text/plain; charset=utf-8",
          "Retry-After", std::to_string(seconds)};
}

std::string_view reason_of(Admission verdict) {
  switch (verdict) {
    case Admission::refuse_full:
      return "full";
    case Admission::refuse_draining:
      return "draining";
    case Admission::refuse_rate:
      return "rate";
    case Admission::accept:
      break;
  }
  return "none";
}

bool is_websocket_key(std::string_view key) {
  if (key.size() != 24 || key.substr(22) != "==") return false;
  const auto is_base64 = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
  };
  return std::all_of(key.begin(), key.begin() + 22, is_base64);
}

bool origin_allowed(const ServerOptions& options, std::string_view origin) {
  if (origin.empty() || options.allowed_origins.empty()) return true;
  return std::find(options.allowed_origins.begin(), options.allowed_origins.end(), origin) !=
         options.allowed_origins.end();
}

}  // namespace wsfleet
