// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/experiment/watch/scaler_log.h"

#include <fmt/format.h>

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "cluster/kubernetes/api/pod_object.h"
#include "cluster/kubernetes/api/watched_list.h"
#include "cluster/kubernetes/experiment/watch/pod_view.h"
#include "cluster/kubernetes/fleet/names.h"
#include "core/live/live_clock.h"

namespace wsfleet {
namespace {

using nlohmann::json;

constexpr auto kAgainAfter = std::chrono::milliseconds(500);
// For the lines that the kubelet has and a follower has not.
constexpr auto kLastLines = std::chrono::seconds(2);
constexpr const char* kScalerContainer = "scaler";

}  // namespace

struct ScalerLog::Impl {
  Impl(ApiClient& api, std::string ns, OnLine line)
      : client(api),
        name_space(std::move(ns)),
        on_line(std::move(line)),
        pods(client, fmt::format("/api/v1/namespaces/{}/pods", name_space),
             fmt::format("labelSelector={}", "app.kubernetes.io%2Fname%3Dwebsocket-scaler"),
             [this](const json& pod, bool gone) { pod_changed(pod, gone); }) {}

  void pod_changed(const json& pod, bool gone);
  void follow(const std::stop_token& stop, const std::string& pod);
  void take(const std::string& pod, std::string_view line);

  ApiClient& client;
  const std::string name_space;
  OnLine on_line;
  std::mutex mutex;  // of followers
  bool closing = false;
  std::condition_variable_any ended;
  std::map<std::string, std::jthread> followers;  // by uid and restart
  std::mutex line_mutex;
  WatchedList pods;
};

void ScalerLog::Impl::pod_changed(const json& pod, bool gone) {
  const PodView view = pod_view(pod, kScalerContainer);
  if (gone || !view.running) return;
  const std::lock_guard lock(mutex);
  if (closing) return;
  const std::string container = fmt::format("{}/{}", view.uid, view.restarts);
  if (followers.contains(container)) return;
  followers.emplace(container, std::jthread([this, name = view.name](const std::stop_token& stop) {
                      follow(stop, name);
                    }));
}

// The log is read from its beginning each time; lines that were seen are skipped.
void ScalerLog::Impl::follow(const std::stop_token& stop, const std::string& pod) {
  const std::string path = fmt::format("/api/v1/namespaces/{}/pods/{}/log?container={}&follow=true",
                                       name_space, pod, kScalerContainer);
  std::size_t seen = 0;
  while (!stop.stop_requested()) {
    std::size_t at = 0;
    const auto read = client.lines(path, stop, [&](std::string_view line) {
      if (at++ < seen) return true;
      ++seen;
      take(pod, line);
      return true;
    });
    // Its container has ended and all was read, or the pod is gone.
    if (read && !stop.stop_requested()) return;
    if (!read && read.error().kind == ErrorKind::not_found) return;
    std::unique_lock lock(mutex);
    ended.wait_for(lock, stop, kAgainAfter, [] { return false; });
  }
}

void ScalerLog::Impl::take(const std::string& pod, std::string_view line) {
  const std::lock_guard lock(line_mutex);
  on_line(pod, line);
}

ScalerLog::ScalerLog(ApiClient& client, std::string name_space, OnLine on_line)
    : impl_(std::make_unique<Impl>(client, std::move(name_space), std::move(on_line))) {}

ScalerLog::~ScalerLog() {
  if (impl_ == nullptr) return;
  const std::lock_guard lock(impl_->mutex);
  impl_->closing = true;
  for (auto& [container, follower] : impl_->followers) follower.request_stop();
}

void ScalerLog::finish() {
  {
    std::unique_lock lock(impl_->mutex);
    impl_->ended.wait_for(lock, kLastLines, [] { return false; });
    impl_->closing = true;
    for (auto& [container, follower] : impl_->followers) follower.request_stop();
  }
  for (auto& [container, follower] : impl_->followers) {
    if (follower.joinable()) follower.join();
  }
}

}  // namespace wsfleet
