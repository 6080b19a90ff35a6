// SPDX-License-Identifier: Apache-2.0
#include "loadgen/agent/load_agent.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/log.h"

namespace wsfleet {
namespace {

constexpr std::uint64_t kTailBytes = 4 * 1024;
constexpr std::uint64_t kLogBytes = 1024 * 1024;
/// For the load generator's report after a SIGTERM; then SIGKILL.
constexpr TimeNs kStopsWithin = 10 * kSecond;

AgentAnswer words(int status, std::string text) { return {status, text + "\n", false}; }

std::uint64_t size_of(const std::string& path) {
  std::ifstream stream(path, std::ios::binary | std::ios::ate);
  return stream ? static_cast<std::uint64_t>(stream.tellg()) : 0;
}

/// `bytes` of the file from `offset` on, fewer where it ends.
std::string part_of(const std::string& path, std::uint64_t offset, std::uint64_t bytes) {
  const std::uint64_t size = size_of(path);
  if (offset >= size) return "";
  std::string text(std::min(bytes, size - offset), '\0');
  std::ifstream stream(path, std::ios::binary);
  stream.seekg(static_cast<std::streamoff>(offset));
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, stream.gcount())));
  return text;
}

std::string end_of(const std::string& path, std::uint64_t bytes) {
  const std::uint64_t size = size_of(path);
  return part_of(path, size > bytes ? size - bytes : 0, bytes);
}

/// The number after `name` in "offset=0&bytes=10"; nothing when it is not there or no number.
std::optional<std::uint64_t> number_in(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    if (!pair.starts_with(name) || pair.size() <= name.size() || pair[name.size()] != '=') continue;
    const std::string_view digits = pair.substr(name.size() + 1);
    std::uint64_t value = 0;
    const auto [stopped, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error == std::errc() && stopped == digits.data() + digits.size()) return value;
  }
  return std::nullopt;
}

std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }

}  // namespace

LoadAgent::LoadAgent(AgentSettings settings, TimeNs now)
    : settings_(std::move(settings)), process_(settings_.program), since_(now) {}

std::optional<AgentAnswer> LoadAgent::refuse(const AgentRequest& request) const {
  if (path_of(request.target) == "/livez") return std::nullopt;
  if (same_token(request.token, settings_.token)) return std::nullopt;
  return words(401, fmt::format("the header {} must have the token", kAgentTokenHeader));
}

AgentAnswer LoadAgent::answer(const AgentRequest& request, TimeNs now) {
  advance(now);
  const std::string_view path = path_of(request.target);
  const std::string_view query =
      request.target.substr(std::min(path.size() + 1, request.target.size()));
  const bool get = request.method == "GET";
  const bool post = request.method == "POST";
  if (path == "/livez") return get ? words(200, "ok") : words(405, "GET it");
  if (path == "/status") return get ? status() : words(405, "GET it");
  if (path == "/report") return get ? report(query) : words(405, "GET it");
  if (path == "/log") return get ? log() : words(405, "GET it");
  if (path == "/start") return post ? start(request.body) : words(405, "POST it");
  if (path == "/stop") return post ? stop() : words(405, "POST it");
  if (path == "/done") return post ? done() : words(405, "POST it");
  return words(404, "there are /status, /start, /report, /log, /stop, /done and /livez");
}

AgentAnswer LoadAgent::start(std::string_view body) {
  if (process_.running() || ended_ || terminated_) return words(409, "it has been started already");
  const auto request = parse_start_request(body);
  if (!request) return words(400, request.error().message);
  if (const auto started = process_.start(*request); !started) {
    return words(500, started.error().message);
  }
  shard_ = shard_of(request->arguments);
  log_info(fmt::format("started the load generator{}{}", shard_.empty() ? "" : ", shard ", shard_));
  return status();
}

AgentAnswer LoadAgent::stop() {
  if (!process_.running() && !ended_) return words(409, "it has not been started");
  process_.stop();
  return status();
}

AgentAnswer LoadAgent::done() {
  if (!ended_) return words(409, "the load generator has not ended; POST /stop first");
  end_with_ = process_.exit_status().value_or(1);
  return status();
}

AgentAnswer LoadAgent::status() const {
  const auto exit_status = process_.exit_status();
  const nlohmann::json json = {
      {"state", state()},
      {"shard", shard_},
      {"exit_status", exit_status ? nlohmann::json(*exit_status) : nlohmann::json()},
      {"report_bytes", ended_ ? size_of(process_.report_path()) : 0},
      {"log_tail", end_of(process_.log_path(), kTailBytes)}};
  return {200, json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n"};
}

AgentAnswer LoadAgent::report(std::string_view query) const {
  if (!ended_) return words(404, "there is a report when the load generator has ended");
  const std::string path = process_.report_path();
  if (size_of(path) == 0) return words(404, "the load generator has written no report; see /log");
  const std::uint64_t offset = number_in(query, "offset").value_or(0);
  return {200, part_of(path, offset, number_in(query, "bytes").value_or(UINT64_MAX))};
}

AgentAnswer LoadAgent::log() const { return {200, end_of(process_.log_path(), kLogBytes), false}; }

const char* LoadAgent::state() const {
  if (process_.running()) return "running";
  return ended_ ? "ended" : "waiting";
}

void LoadAgent::terminate(TimeNs now) {
  if (terminated_) return process_.kill();
  terminated_ = now;
  process_.stop();
}

std::optional<int> LoadAgent::advance(TimeNs now) {
  const bool was_running = process_.running();
  process_.look();
  copy_log();
  if (was_running && !process_.running()) {
    ended_ = true;
    since_ = now;
    log_info(fmt::format("the load generator has ended with status {}",
                         process_.exit_status().value_or(-1)));
  }
  if (end_with_) return end_with_;
  if (process_.running()) {
    if (terminated_ && now - *terminated_ > kStopsWithin) process_.kill();
    return std::nullopt;
  }
  if (terminated_) return 128 + SIGTERM;
  if (!ended_ && now - since_ >= settings_.wait) {
    log_error(fmt::format("nobody has started it within {}", format_duration(settings_.wait)));
    return 1;
  }
  if (ended_ && now - since_ >= settings_.keep) {
    log_error(fmt::format("nobody was done with it within {}", format_duration(settings_.keep)));
    return 1;
  }
  return std::nullopt;
}

/// So that `kubectl logs` shows it.
void LoadAgent::copy_log() {
  if (process_.log_path().empty()) return;
  const std::string more = part_of(process_.log_path(), copied_, kLogBytes);
  if (more.empty()) return;
  std::fwrite(more.data(), 1, more.size(), stderr);
  copied_ += more.size();
}

}  // namespace wsfleet
