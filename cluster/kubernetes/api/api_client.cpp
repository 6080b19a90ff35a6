// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/api/api_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <mutex>
#include <nlohmann/json.hpp>
#include <utility>

#include "cluster/kubernetes/api/api_transport.h"
#include "core/live/entropy.h"
#include "core/live/live_clock.h"
#include "core/net/http_client.h"

namespace wsfleet {
namespace {

using nlohmann::json;

constexpr TimeNs kLongestBackoff = 5 * kSecond;
constexpr const char* kJson = "application/json";

/// "" where it is missing or something else.
std::string member_of(const json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

/// The server's own words, where the body is a Status.
std::string words_of(const std::string& body) {
  const json status = json::parse(body, nullptr, /*allow_exceptions=*/false);
  std::string message = member_of(status, "message");
  constexpr std::size_t kEnough = 300;
  return message.empty() ? body.substr(0, kEnough) : message;
}

Error error_of(const std::string& what, int status, const std::string& body) {
  ErrorKind kind = ErrorKind::failed;
  if (status == 404 || status == 410) kind = ErrorKind::not_found;
  if (status == 409) kind = ErrorKind::conflict;
  if (status == 429 || status >= 500) kind = ErrorKind::unavailable;
  return {kind, fmt::format("{}: {} {}", what, status, words_of(body))};
}

bool is_worth_retrying(int status) { return status == 429 || status >= 500; }

const char* content_type_of(PatchKind kind) {
  switch (kind) {
    case PatchKind::merge:
      return "application/merge-patch+json";
    case PatchKind::strategic:
      return "application/strategic-merge-patch+json";
    case PatchKind::json_patch:
      return "application/json-patch+json";
    case PatchKind::apply:
      break;
  }
  return "application/apply-patch+yaml";
}

std::string with_query(const std::string& path, const std::string& query) {
  if (query.empty()) return path;
  return path + (path.find('?') == std::string::npos ? "?" : "&") + query;
}

void sleep_for(TimeNs time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, std::chrono::nanoseconds(time), [] { return false; });
}

/// A line end in it would begin a header of its own.
bool fits_header(const std::string& token) {
  return std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c <= '~'; });
}

/// What a line of a watch says, or why it says nothing.
struct EventLine {
  WatchEvent::Kind kind = WatchEvent::Kind::added;
  json object;
};

Result<EventLine> parse_event(const std::string& what, std::string_view line) {
  const json event = json::parse(line, nullptr, /*allow_exceptions=*/false);
  const std::string type = member_of(event, "type");
  const bool has_object = event.is_object() && event.contains("object");
  if (!has_object || !event["object"].is_object()) {
    return fail(fmt::format("{}: a line is no event: {}", what, line.substr(0, 200)));
  }
  const json& object = event["object"];
  if (type == "ERROR") {
    const json code = object.value("code", json());
    const int status = code.is_number_integer() ? code.get<int>() : 500;
    return tl::unexpected(error_of(what, status, object.dump()));
  }
  if (type == "ADDED") return EventLine{WatchEvent::Kind::added, object};
  if (type == "MODIFIED") return EventLine{WatchEvent::Kind::modified, object};
  if (type == "DELETED") return EventLine{WatchEvent::Kind::removed, object};
  if (type == "BOOKMARK") return EventLine{WatchEvent::Kind::bookmark, object};
  return fail(fmt::format("{}: an event of the unknown type '{}'", what, type));
}

}  // namespace

struct ApiClient::Impl {
  ClusterAccess access;
  ApiSettings settings;
  // Empty where the address or the certificates can't be used: every call says so.
  Result<std::unique_ptr<ApiTransport>> transport;

  Result<ApiMessage> message(const std::string& method, const std::string& path,
                             const std::string& body, const std::string& content_type) const;
  TimeNs until(TimeNs deadline) const {
    return monotonic_now() + (deadline > 0 ? deadline : settings.deadline);
  }

  Result<json> call(const std::string& method, const std::string& path, const json* body,
                    const std::string& content_type, TimeNs deadline,
                    const std::stop_token& stop = {});
  Result<void> follow(const std::string& path, const std::stop_token& stop,
                      const LineHandlers& handlers);
};

Result<ApiMessage> ApiClient::Impl::message(const std::string& method, const std::string& path,
                                            const std::string& body,
                                            const std::string& content_type) const {
  ApiMessage made{.method = method, .target = path, .body = body};
  made.identity = {access.certificate_pem, access.key_pem};
  made.headers.emplace_back("User-Agent", settings.user_agent);
  if (!content_type.empty()) made.headers.emplace_back("Content-Type", content_type);
  if (access.identity) {
    auto identity = access.identity();
    if (!identity) return tl::unexpected(identity.error());
    made.identity = std::move(*identity);
  }
  if (access.token) {
    const auto token = access.token();
    if (!token) return tl::unexpected(token.error());
    if (!fits_header(*token)) {
      return fail(
          ErrorKind::configuration,
          fmt::format("context {}: its token has characters that no token has", access.context));
    }
    made.headers.emplace_back("Authorization", "Bearer " + *token);
  }
  return made;
}

// Doubling from `first_backoff`, each between half of it and all of it: clients that failed
// together do not come back together.
static TimeNs backoff(TimeNs first, int tries) {
  const TimeNs whole = std::min(kLongestBackoff, first << std::min(tries, 10));
  const auto share = static_cast<double>(entropy_bits() >> 11) / static_cast<double>(1ULL << 53);
  return whole / 2 + static_cast<TimeNs>(share * static_cast<double>(whole) / 2);
}

static Result<json> parse_answer(const std::string& what, const TransportAnswer& answer) {
  if (answer.status / 100 != 2) return tl::unexpected(error_of(what, answer.status, answer.body));
  json parsed = json::parse(answer.body, nullptr, /*allow_exceptions=*/false);
  if (parsed.is_object()) return parsed;
  return fail(fmt::format("{}: the answer is no JSON object", what));
}

Result<json> ApiClient::Impl::call(const std::string& method, const std::string& path,
                                   const json* body, const std::string& content_type,
                                   TimeNs deadline, const std::stop_token& stop) {
  if (!transport) return tl::unexpected(transport.error());
  const TimeNs end = until(deadline);
  const std::string what = method + " " + path;
  // What is no UTF-8 is replaced rather than thrown about.
  const std::string text =
      body != nullptr ? body->dump(-1, ' ', false, json::error_handler_t::replace) : "";
  for (int tries = 0;; ++tries) {
    const auto made = message(method, path, text, content_type);
    if (!made) return tl::unexpected(made.error());
    const TimeNs try_end = std::min(end, monotonic_now() + settings.try_within);
    const auto answer = (*transport)->exchange(*made, try_end, stop);
    Error trouble;
    TimeNs wait = backoff(settings.first_backoff, tries);
    bool maybe_done = false;
    if (answer) {
      if (!is_worth_retrying(answer->status)) return parse_answer(what, *answer);
      trouble = error_of(what, answer->status, answer->body);
      if (answer->retry_after >= 0) wait = std::max(answer->retry_after, settings.first_backoff);
      maybe_done = answer->status != 429;
    } else {
      const Error& error = answer.error().error;
      trouble = {error.kind, fmt::format("{}: {}", what, error.message)};
      maybe_done = answer.error().maybe_done;
      if (error.kind != ErrorKind::unavailable) return tl::unexpected(trouble);
    }
    // An object must not be made twice.
    const bool may_repeat = method != "POST" || !maybe_done;
    if (!may_repeat || monotonic_now() + wait >= end) return tl::unexpected(trouble);
    sleep_for(wait, stop);
  }
}

Result<void> ApiClient::Impl::follow(const std::string& path, const std::stop_token& stop,
                                     const LineHandlers& handlers) {
  if (!transport) return tl::unexpected(transport.error());
  const auto made = message("GET", path, "", "");
  if (!made) return tl::unexpected(made.error());
  const auto answer =
      (*transport)
          ->lines(*made, monotonic_now() + settings.deadline, settings.watch_idle, stop, handlers);
  if (stop.stop_requested()) return {};
  const std::string what = "GET " + path;
  if (!answer) {
    const Error& error = answer.error().error;
    return fail(error.kind, fmt::format("{}: {}", what, error.message));
  }
  if (answer->status == 200) return {};
  return tl::unexpected(error_of(what, answer->status, answer->body));
}

ApiClient::ApiClient(ClusterAccess access, ApiSettings settings)
    : impl_(std::make_unique<Impl>(
          Impl{std::move(access), std::move(settings), fail("not connected")})) {
  impl_->transport = ApiTransport::make(impl_->access);
}
ApiClient::~ApiClient() = default;

const ClusterAccess& ApiClient::access() const { return impl_->access; }

Result<json> ApiClient::get(const std::string& path, TimeNs deadline) {
  return impl_->call("GET", path, nullptr, "", deadline);
}

Result<json> ApiClient::create(const std::string& path, const json& object, TimeNs deadline) {
  return impl_->call("POST", path, &object, kJson, deadline);
}

Result<json> ApiClient::replace(const std::string& path, const json& object, TimeNs deadline) {
  return impl_->call("PUT", path, &object, kJson, deadline);
}

Result<json> ApiClient::patch(const std::string& path, PatchKind kind, const json& patch,
                              TimeNs deadline) {
  const std::string query = kind == PatchKind::apply ? "fieldManager=wsfleet&force=true" : "";
  return impl_->call("PATCH", with_query(path, query), &patch, content_type_of(kind), deadline);
}

Result<json> ApiClient::remove(const std::string& path, const json& options, TimeNs deadline) {
  const bool any = options.is_object() && !options.empty();
  return impl_->call("DELETE", path, any ? &options : nullptr, any ? kJson : "", deadline);
}

Result<ApiList> ApiClient::list(const std::string& path, const std::string& query,
                                const std::stop_token& stop) {
  ApiList list;
  std::string next;
  bool began_anew = false;
  do {
    std::string page = fmt::format("limit={}", impl_->settings.page_size);
    if (!query.empty()) page += "&" + query;
    if (!next.empty()) page += "&continue=" + percent_encode(next);
    const auto answer = impl_->call("GET", with_query(path, page), nullptr, "", 0, stop);
    if (!answer) {
      const bool has_expired = answer.error().kind == ErrorKind::not_found && !next.empty();
      if (!has_expired || began_anew) return tl::unexpected(answer.error());
      began_anew = true;
      list = {};
      next.clear();
      continue;
    }
    const json items = answer->value("items", json::array());
    if (!items.is_null() && !items.is_array()) return fail(path + ": its items are no list");
    list.items.insert(list.items.end(), items.begin(), items.end());
    const json metadata = answer->value("metadata", json::object());
    list.resource_version = member_of(metadata, "resourceVersion");
    next = member_of(metadata, "continue");
    if (next.empty()) return list;
  } while (true);
}

Result<void> ApiClient::watch(const std::string& path, const std::string& query,
                              const std::string& resource_version, const std::stop_token& stop,
                              const std::function<bool(const WatchEvent&)>& on_event,
                              const std::function<void()>& on_open) {
  std::string all =
      fmt::format("watch=true&allowWatchBookmarks=true&timeoutSeconds=300&resourceVersion={}",
                  percent_encode(resource_version));
  if (!query.empty()) all += "&" + query;
  Result<void> said;
  const auto take = [&](std::string_view line) {
    const auto event = parse_event("watching " + path, line);
    if (event) return on_event({event->kind, event->object});
    said = tl::unexpected(event.error());
    return false;
  };
  const auto ended = impl_->follow(with_query(path, all), stop, {take, on_open});
  return said ? ended : said;
}

Result<ApiAnswer> ApiClient::exchange(const std::string& method, const std::string& path,
                                      const std::string& body, const std::string& content_type,
                                      const std::map<std::string, std::string>& headers,
                                      TimeNs deadline) {
  if (!impl_->transport) return tl::unexpected(impl_->transport.error());
  auto made = impl_->message(method, path, body, content_type);
  if (!made) return tl::unexpected(made.error());
  for (const auto& [name, value] : headers) made->headers.emplace_back(name, value);
  auto answer = (*impl_->transport)->exchange(*made, impl_->until(deadline));
  if (!answer) {
    return fail(answer.error().error.kind,
                fmt::format("{} {}: {}", method, path, answer.error().error.message));
  }
  return ApiAnswer{answer->status, std::move(answer->body)};
}

Result<void> ApiClient::lines(const std::string& path, const std::stop_token& stop,
                              const std::function<bool(std::string_view)>& on_line) {
  return impl_->follow(path, stop, {.on_line = on_line});
}

Result<std::pair<int, int>> ApiClient::version() {
  const auto answer = get("/version");
  if (!answer) return tl::unexpected(answer.error());
  // Some say "20+".
  const auto number = [&answer](const char* key) {
    const std::string text = member_of(*answer, key);
    int value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
  };
  return std::pair(number("major"), number("minor"));
}

}  // namespace wsfleet
