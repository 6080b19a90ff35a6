// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/load/load_agents.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

#include "cluster/kubernetes/fleet/names.h"
#include "core/live/live_clock.h"

namespace wsfleet {
namespace {

constexpr TimeNs kStatusWithin = 4 * kSecond;
constexpr TimeNs kAnswerWithin = 20 * kSecond;
constexpr TimeNs kDoneWithin = 2 * kSecond;
constexpr int kPauseMs = 300;
constexpr std::size_t kPartBytes = 4 * 1024 * 1024;
constexpr std::size_t kThreadsAtMost = 16;

/// Calls `work` with the time that a try may take, again while what it needs is unavailable.
template <class Work>
auto until_available(TimeNs until, Work work) {
  while (true) {
    const TimeNs left = until - monotonic_now();
    auto result = work(std::clamp<TimeNs>(left, kMillisecond, kAnswerWithin));
    if (result || result.error().kind != ErrorKind::unavailable) return result;
    if (monotonic_now() >= until) return result;
    poll(nullptr, 0, kPauseMs);
  }
}

}  // namespace

LoadAgents::LoadAgents(ApiClient& client, std::string name_space, std::string token)
    : client_(client), name_space_(std::move(name_space)), token_(std::move(token)) {}

Result<std::string> LoadAgents::ask(const std::string& method, const std::string& pod,
                                    const std::string& target, const std::string& body,
                                    TimeNs deadline) const {
  const std::string path = fmt::format("/api/v1/namespaces/{}/pods/{}:{}/proxy{}", name_space_, pod,
                                       kLoadgenAgentPort, target);
  const auto answer = client_.exchange(method, path, body, "application/json",
                                       {{"X-Wsfleet-Token", token_}}, deadline);
  auto read = answer ? read_agent_answer(answer->status, answer->body)
                     : Result<std::string>(tl::unexpected(answer.error()));
  if (read) return read;
  return fail(read.error().kind, fmt::format("load pod {}: {}", pod, read.error().message));
}

Result<AgentStatus> LoadAgents::status(const std::string& pod) const {
  const auto answer = ask("GET", pod, "/status", "", kStatusWithin);
  if (!answer) return tl::unexpected(answer.error());
  auto status = read_agent_status(*answer);
  if (status) return status;
  return fail(status.error().kind, fmt::format("load pod {}: {}", pod, status.error().message));
}

Result<void> LoadAgents::start(const std::string& pod, const std::string& body,
                               const std::string& shard, TimeNs until) const {
  return until_available(until, [&](TimeNs deadline) -> Result<void> {
    const auto answer = ask("POST", pod, "/start", body, deadline);
    if (answer) return {};
    if (answer.error().kind == ErrorKind::conflict) {
      const auto now = status(pod);
      if (!now) return tl::unexpected(now.error());
      if (now->shard == shard) return {};
    }
    return tl::unexpected(answer.error());
  });
}

Result<void> LoadAgents::stop(const std::string& pod, TimeNs until) const {
  return until_available(until, [&](TimeNs deadline) -> Result<void> {
    const auto answer = ask("POST", pod, "/stop", "", deadline);
    if (answer || answer.error().kind == ErrorKind::conflict) return {};
    return tl::unexpected(answer.error());
  });
}

// In parts: none is too large for the client, and each may be asked for again by itself.
Result<std::string> LoadAgents::report(const std::string& pod, TimeNs until) const {
  const auto status_now = until_available(until, [&](TimeNs) { return status(pod); });
  if (!status_now) return tl::unexpected(status_now.error());
  if (status_now->report_bytes == 0) {
    return fail(
        fmt::format("the load generator in pod {} has left no report; its log ends with:\n{}", pod,
                    status_now->log_tail));
  }
  std::string report;
  while (report.size() < status_now->report_bytes) {
    const auto part = until_available(until, [&](TimeNs deadline) {
      return ask("GET", pod, fmt::format("/report?offset={}&bytes={}", report.size(), kPartBytes),
                 "", deadline);
    });
    if (!part) return tl::unexpected(part.error());
    if (part->empty()) return fail(fmt::format("load pod {}: its report has become shorter", pod));
    report += *part;
  }
  return report;
}

Result<std::string> LoadAgents::log(const std::string& pod, TimeNs until) const {
  return until_available(until,
                         [&](TimeNs deadline) { return ask("GET", pod, "/log", "", deadline); });
}

void LoadAgents::done(const std::string& pod) const {
  static_cast<void>(ask("POST", pod, "/done", "", kDoneWithin));
}

Result<void> for_each_at_once(std::size_t count,
                              const std::function<Result<void>(std::size_t)>& work) {
  std::vector<Result<void>> results(count);
  std::atomic<std::size_t> next = 0;
  const auto take = [&] {
    for (std::size_t i = next++; i < count; i = next++) results[i] = work(i);
  };
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < std::min(count, kThreadsAtMost); ++i) threads.emplace_back(take);
  take();
  for (std::thread& thread : threads) thread.join();
  for (const Result<void>& result : results) {
    if (!result) return result;
  }
  return {};
}

}  // namespace wsfleet
