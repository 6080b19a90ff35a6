// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/api/watched_list.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>
#include <utility>

#include "core/live/entropy.h"
#include "core/live/live_clock.h"

namespace wsfleet {
namespace {

using nlohmann::json;

constexpr TimeNs kFirstBackoff = 200 * kMillisecond;
constexpr TimeNs kLongestPause = 5 * kSecond;

// A server that ends watches sooner, without a word, is not well: do not hurry back.
constexpr TimeNs kShortWatch = kSecond;

std::string metadata_of(const json& object, const char* key) {
  const auto metadata = object.find("metadata");
  if (metadata == object.end() || !metadata->is_object()) return {};
  const auto value = metadata->find(key);
  return value != metadata->end() && value->is_string() ? value->get<std::string>() : "";
}

// Items of a list lack the `kind` and `apiVersion` that a watch gives them, so objects are not
// compared whole.
bool is_same(const json& one, const json& other) {
  const std::string version = metadata_of(one, "resourceVersion");
  return version.empty() ? one == other : version == metadata_of(other, "resourceVersion");
}

}  // namespace

struct WatchedList::Impl {
  Impl(ApiClient& api, std::string where, std::string with, OnChange tell)
      : client(api), path(std::move(where)), query(std::move(with)), on_change(std::move(tell)) {}

  void run(const std::stop_token& stop);
  Result<void> list(const std::stop_token& stop);
  Result<void> watch(const std::stop_token& stop);
  void take(const json& object, bool gone);
  void wait(const std::stop_token& stop, int failures);
  void heard(std::optional<Error> trouble);

  ApiClient& client;
  const std::string path;
  const std::string query;
  const OnChange on_change;
  // The thread's own.
  std::string version;    // of the last word from the server
  bool was_told = false;  // by the current watch

  mutable std::mutex mutex;
  std::condition_variable_any changed;
  std::map<std::string, json> objects;
  std::optional<TimeNs> fresh_at;
  std::optional<Error> error;
  std::jthread thread;  // the last member: it ends before the others go
};

void WatchedList::Impl::run(const std::stop_token& stop) {
  bool is_listed = false;
  int failures = 0;
  while (!stop.stop_requested()) {
    const TimeNs began = monotonic_now();
    const bool was_listed = is_listed;
    was_told = false;
    const Result<void> outcome = was_listed ? watch(stop) : list(stop);
    if (stop.stop_requested()) return;
    const bool lasted = was_told || monotonic_now() - began >= kShortWatch;
    if (was_listed && lasted) failures = 0;
    if (outcome) {
      // A watch that ended in order goes on from where it was.
      is_listed = true;
      if (was_listed && !lasted) wait(stop, failures++);
      continue;
    }
    // The version is gone, or the server talks nonsense: begin anew.
    if (outcome.error().kind != ErrorKind::unavailable) is_listed = false;
    heard(outcome.error());
    wait(stop, failures++);
  }
}

Result<void> WatchedList::Impl::list(const std::stop_token& stop) {
  const auto listed = client.list(path, query, stop);
  if (!listed) return tl::unexpected(listed.error());
  std::set<std::string> there;
  for (const json& object : listed->items) there.insert(metadata_of(object, "uid"));
  std::vector<json> gone;
  {
    const std::lock_guard lock(mutex);
    for (const auto& [uid, object] : objects) {
      if (!there.contains(uid)) gone.push_back(object);
    }
  }
  // Before the others: a new object may have the name of one that is gone.
  for (const json& object : gone) take(object, true);
  for (const json& object : listed->items) take(object, false);
  version = listed->resource_version;
  heard(std::nullopt);
  return {};
}

Result<void> WatchedList::Impl::watch(const std::stop_token& stop) {
  const auto on_event = [this](const WatchEvent& event) {
    if (event.kind != WatchEvent::Kind::bookmark) {
      take(event.object, event.kind == WatchEvent::Kind::removed);
    }
    if (std::string now = metadata_of(event.object, "resourceVersion"); !now.empty()) {
      version = std::move(now);
    }
    was_told = true;
    heard(std::nullopt);
    return true;
  };
  return client.watch(path, query, version, stop, on_event, [this] { heard(std::nullopt); });
}

// Only what is news is told on: a list after a break repeats what is known.
void WatchedList::Impl::take(const json& object, bool gone) {
  const std::string uid = metadata_of(object, "uid");
  {
    const std::lock_guard lock(mutex);
    const auto known = objects.find(uid);
    if (gone) {
      if (known == objects.end()) return;
      objects.erase(known);
    } else {
      if (known != objects.end() && is_same(known->second, object)) return;
      objects[uid] = object;
    }
  }
  if (on_change) on_change(object, gone);
}

void WatchedList::Impl::heard(std::optional<Error> trouble) {
  const std::lock_guard lock(mutex);
  if (!trouble) fresh_at = monotonic_now();
  error = std::move(trouble);
  changed.notify_all();
}

void WatchedList::Impl::wait(const std::stop_token& stop, int failures) {
  const TimeNs whole = std::min(kLongestPause, kFirstBackoff << std::min(failures, 10));
  const auto jitter = static_cast<TimeNs>(entropy_bits() % static_cast<std::uint64_t>(whole / 2));
  std::unique_lock lock(mutex);
  changed.wait_for(lock, stop, std::chrono::nanoseconds(whole / 2 + jitter), [] { return false; });
}

WatchedList::WatchedList(ApiClient& client, std::string path, std::string query, OnChange on_change)
    : impl_(
          std::make_unique<Impl>(client, std::move(path), std::move(query), std::move(on_change))) {
  impl_->thread =
      std::jthread([impl = impl_.get()](const std::stop_token& stop) { impl->run(stop); });
}

WatchedList::~WatchedList() = default;

bool WatchedList::wait_listed(TimeNs timeout) {
  std::unique_lock lock(impl_->mutex);
  return impl_->changed.wait_for(lock, std::chrono::nanoseconds(timeout),
                                 [this] { return impl_->fresh_at.has_value(); });
}

std::map<std::string, json> WatchedList::objects() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->objects;
}

std::optional<TimeNs> WatchedList::fresh_at() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->fresh_at;
}

std::optional<Error> WatchedList::error() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->error;
}

}  // namespace wsfleet
