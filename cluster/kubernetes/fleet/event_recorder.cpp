// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/fleet/event_recorder.h"

#include <fmt/format.h>

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "cluster/kubernetes/api/api_client.h"
#include "core/live/entropy.h"
#include "core/live/live_clock.h"
#include "core/log.h"

namespace wsfleet {
namespace {

using nlohmann::json;

constexpr std::size_t kLongestMessage = 1024;
constexpr std::size_t kMostWaiting = 64;
constexpr std::size_t kMostRemembered = 256;
constexpr TimeNs kSameWithin = 10 * kMinute;

/// RFC 3339 in whole seconds, as Event's times are.
std::string seconds_time(TimeNs since_1970) { return format_utc(since_1970).substr(0, 19) + "Z"; }

std::string cut(std::string text) {
  if (text.size() <= kLongestMessage) return text;
  std::size_t end = kLongestMessage - 3;
  // Not in the middle of a UTF-8 character.
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "...";
}

struct Note {
  std::string reason;
  std::string message;
  bool warning = false;
  TimeNs at = 0;  // since 1970
};

struct Written {
  std::string name;
  int count = 1;
  TimeNs at = 0;
};

}  // namespace

struct EventRecorder::Impl {
  Impl(ApiClient& api, EventRecorderSettings chosen) : client(api), settings(std::move(chosen)) {
    thread = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }

  void run(const std::stop_token& stop);
  Result<void> write(const Note& note);
  Result<void> count_up(Written& known, TimeNs at);
  json event(const Note& note, const std::string& event_name) const;
  std::string events_path() const {
    return fmt::format("/api/v1/namespaces/{}/events", settings.name_space);
  }

  ApiClient& client;
  const EventRecorderSettings settings;
  std::map<std::pair<std::string, std::string>, Written> written;  // by reason and message
  std::mutex mutex;
  std::condition_variable_any more;
  std::deque<Note> waiting;
  std::jthread thread;
};

void EventRecorder::Impl::run(const std::stop_token& stop) {
  while (true) {
    std::unique_lock lock(mutex);
    if (!more.wait(lock, stop, [this] { return !waiting.empty(); })) return;
    if (stop.stop_requested()) return;
    const Note note = std::move(waiting.front());
    waiting.pop_front();
    lock.unlock();
    const Result<void> result = write(note);
    if (!result) log_warning("an Event was not written: " + result.error().message);
  }
}

Result<void> EventRecorder::Impl::write(const Note& note) {
  if (written.size() > kMostRemembered) written.clear();
  const auto key = std::make_pair(note.reason, note.message);
  if (const auto known = written.find(key);
      known != written.end() && note.at - known->second.at < kSameWithin) {
    const Result<void> counted = count_up(known->second, note.at);
    if (counted || counted.error().kind != ErrorKind::not_found) return counted;
  }
  std::string event_name = fmt::format("{}.{:016x}", settings.name, entropy_bits());
  const auto created = client.create(events_path(), event(note, event_name));
  if (!created) return tl::unexpected(created.error());
  written[key] = {std::move(event_name), 1, note.at};
  return {};
}

Result<void> EventRecorder::Impl::count_up(Written& known, TimeNs at) {
  const json patch = {{"count", known.count + 1}, {"lastTimestamp", seconds_time(at)}};
  const auto patched = client.patch(events_path() + "/" + known.name, PatchKind::merge, patch);
  if (!patched) return tl::unexpected(patched.error());
  ++known.count;
  known.at = at;
  return {};
}

json EventRecorder::Impl::event(const Note& note, const std::string& event_name) const {
  json about = {{"apiVersion", "apps/v1"},
                {"kind", settings.kind},
                {"name", settings.name},
                {"namespace", settings.name_space}};
  const std::string uid = settings.uid ? settings.uid() : std::string();
  if (!uid.empty()) about["uid"] = uid;  // `kubectl describe` selects by it
  return {{"apiVersion", "v1"},
          {"kind", "Event"},
          {"metadata", {{"name", event_name}, {"namespace", settings.name_space}}},
          {"involvedObject", std::move(about)},
          {"reason", note.reason},
          {"message", cut(note.message)},
          {"type", note.warning ? "Warning" : "Normal"},
          {"source", {{"component", settings.component}}},
          {"reportingComponent", settings.component},
          {"reportingInstance", settings.instance},
          {"firstTimestamp", seconds_time(note.at)},
          {"lastTimestamp", seconds_time(note.at)},
          {"count", 1}};
}

EventRecorder::EventRecorder(ApiClient& client, EventRecorderSettings settings)
    : impl_(std::make_unique<Impl>(client, std::move(settings))) {}

EventRecorder::~EventRecorder() = default;

void EventRecorder::record(const std::string& reason, const std::string& message, bool warning) {
  const std::lock_guard lock(impl_->mutex);
  if (impl_->waiting.size() >= kMostWaiting) impl_->waiting.pop_front();
  impl_->waiting.push_back({reason, message, warning, wall_now()});
  impl_->more.notify_one();
}

}  // namespace wsfleet
