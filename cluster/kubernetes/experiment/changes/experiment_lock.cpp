// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/experiment/changes/experiment_lock.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "cluster/kubernetes/api/pod_object.h"
#include "core/live/entropy.h"
#include "core/live/live_clock.h"
#include "core/live/stop.h"
#include "core/live/utc.h"
#include "core/process/waiting.h"

namespace wsfleet {
namespace {

using nlohmann::json;

constexpr int kLockAttempts = 5;
constexpr TimeNs kLookEvery = 100 * kMillisecond;

std::string own_identity() {
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0) host = {"unknown"};
  return fmt::format("{}/{}/{}", host.data(), getpid(), random_uuid().substr(0, 8));
}

}  // namespace

/// The lock as the API server has it.
struct ExperimentLock::Seen {
  std::string version;
  std::string holder;
  std::string began;
  std::string renewed;
  std::string changes;
};

ExperimentLock::ExperimentLock(ApiClient& client, std::string name_space, LockSettings settings)
    : client_(client),
      name_space_(std::move(name_space)),
      collection_(fmt::format("/api/v1/namespaces/{}/configmaps", name_space_)),
      path_(fmt::format("{}/{}", collection_, kExperimentName)),
      settings_(std::move(settings)) {
  if (settings_.identity.empty()) settings_.identity = own_identity();
  if (!settings_.wall) settings_.wall = wall_now;
}

ExperimentLock::~ExperimentLock() = default;

Result<std::string> ExperimentLock::take(bool recover) {
  const std::lock_guard lock(mutex_);
  began_ = format_utc(settings_.wall());
  Result<void> created = create();
  Result<Seen> seen = created ? fail("it was not there") : read();
  if (!created && !seen && seen.error().kind == ErrorKind::not_found) {
    created = create();  // it went just now
    if (!created) seen = read();
  }
  if (created) {
    begin_to_renew();
    return changes_;
  }
  if (!seen) return tl::unexpected(created.error());
  // It was made, but the answer got lost.
  const bool is_own = seen->holder == settings_.identity;
  if (!is_own && !recover) {
    return fail(ErrorKind::conflict,
                taken_by(*seen).message +
                    "; where it was killed, `--recover` puts back what it changed and goes on");
  }
  if (!is_own) {
    if (auto silent = watch(*seen); !silent) return tl::unexpected(silent.error());
  }
  return take_over(*seen);
}

// The holder's wall clock says at once that it lives. That it does not is seen, not computed: the
// clocks may be apart.
Result<void> ExperimentLock::watch(const Seen& seen) {
  const auto renewed = parse_utc(seen.renewed);
  const TimeNs age = renewed ? settings_.wall() - *renewed : settings_.abandoned_after;
  if (age < settings_.abandoned_after && age > -settings_.abandoned_after) {
    return fail(
        ErrorKind::conflict,
        fmt::format("{}, so it is not put back under its hands; where it was killed, "
                    "`--recover` may do so from {} on",
                    taken_by(seen).message, format_utc(*renewed + settings_.abandoned_after)));
  }
  const TimeNs until = monotonic_now() + settings_.watched_for;
  while (monotonic_now() < until) {
    if (stop_requested()) return fail(ErrorKind::stopped, "stopped by the user");
    rest(std::min(kLookEvery, settings_.watched_for));
  }
  const auto again = read();
  if (!again) return tl::unexpected(again.error());
  if (again->version == seen.version) return {};
  return fail(ErrorKind::conflict,
              fmt::format("{}: it has renewed the lock just now, so it lives (the clocks of the "
                          "two machines are apart)",
                          taken_by(*again).message));
}

Result<std::string> ExperimentLock::take_over(const Seen& seen) {
  version_ = seen.version;
  changes_ = seen.changes;
  const json patch = {{"metadata", {{"resourceVersion", version_}}},
                      {"data",
                       {{"holder", settings_.identity},
                        {"began", began_},
                        {"renewed", format_utc(settings_.wall())}}}};
  const TimeNs sent = monotonic_now();
  const auto patched = client_.patch(path_, PatchKind::merge, patch);
  if (patched) {
    wrote(*patched, sent);
  } else {
    if (patched.error().kind != ErrorKind::conflict) return tl::unexpected(patched.error());
    if (auto mine = read_again(); !mine) return tl::unexpected(mine.error());
    renewed_ = sent;
  }
  begin_to_renew();
  return changes_;
}

Result<void> ExperimentLock::create() {
  const json object = {
      {"apiVersion", "v1"},
      {"kind", "ConfigMap"},
      {"metadata",
       {{"name", kExperimentName}, {"labels", {{"app.kubernetes.io/part-of", "wsfleet"}}}}},
      {"data",
       {{"holder", settings_.identity},
        {"began", began_},
        {"renewed", format_utc(settings_.wall())},
        {"changes", changes_}}}};
  const TimeNs sent = monotonic_now();
  const auto created = client_.create(collection_, object);
  if (!created) return tl::unexpected(created.error());
  wrote(*created, sent);
  return {};
}

Result<ExperimentLock::Seen> ExperimentLock::read() {
  const auto object = client_.get(path_);
  if (!object) return tl::unexpected(object.error());
  return Seen{.version = text_at(*object, "/metadata/resourceVersion"),
              .holder = text_at(*object, "/data/holder"),
              .began = text_at(*object, "/data/began"),
              .renewed = text_at(*object, "/data/renewed"),
              .changes = text_at(*object, "/data/changes")};
}

Error ExperimentLock::taken_by(const Seen& seen) const {
  const auto or_unknown = [](const std::string& text) { return text.empty() ? "unknown" : text; };
  return {ErrorKind::conflict,
          fmt::format("an experiment that began at {} has the namespace {} (by {}, renewed at {})",
                      or_unknown(seen.began), name_space_, or_unknown(seen.holder),
                      or_unknown(seen.renewed))};
}

Result<void> ExperimentLock::write(const std::string& changes) {
  const std::lock_guard lock(mutex_);
  changes_ = changes;
  return update({{"changes", changes}}, 0);
}

// A conflict may be somebody's label, a renewal whose answer got lost, or the end of this holder.
Result<void> ExperimentLock::update(json data, TimeNs deadline) {
  if (auto mine = held(); !mine) return mine;
  for (int attempt = 0; attempt < kLockAttempts; ++attempt) {
    data["renewed"] = format_utc(settings_.wall());
    const TimeNs sent = monotonic_now();
    const json patch = {{"metadata", {{"resourceVersion", version_}}}, {"data", data}};
    const auto patched = client_.patch(path_, PatchKind::merge, patch, deadline);
    if (patched) {
      wrote(*patched, sent);
      return {};
    }
    if (patched.error().kind == ErrorKind::not_found) {
      // Somebody deleted it; it is wanted as long as there is something to put back.
      const auto created = create();
      if (created || created.error().kind != ErrorKind::conflict) return created;
    } else if (patched.error().kind != ErrorKind::conflict) {
      return tl::unexpected(patched.error());
    }
    if (auto mine = read_again(); !mine) return mine;
  }
  return fail(ErrorKind::conflict,
              fmt::format("the ConfigMap {} is changed all the time by others", kExperimentName));
}

Result<void> ExperimentLock::read_again() {
  const auto seen = read();
  if (!seen) {
    if (seen.error().kind == ErrorKind::not_found) return {};
    return tl::unexpected(seen.error());
  }
  if (seen->holder == settings_.identity) {
    version_ = seen->version;
    return {};
  }
  const std::lock_guard lock(taken_mutex_);
  taken_ = taken_by(*seen).message;
  return fail(ErrorKind::conflict, taken_);
}

void ExperimentLock::wrote(const json& object, TimeNs sent) {
  version_ = text_at(object, "/metadata/resourceVersion");
  renewed_ = sent;
}

Result<void> ExperimentLock::confirm() {
  const std::lock_guard lock(mutex_);
  const auto renewed = update(json::object(), 0);
  if (renewed || renewed.error().kind == ErrorKind::conflict) return renewed;
  if (monotonic_now() - renewed_ < settings_.abandoned_after) return {};
  return renewed;
}

Result<void> ExperimentLock::held() const {
  const std::lock_guard lock(taken_mutex_);
  if (taken_.empty()) return {};
  return fail(ErrorKind::conflict, taken_);
}

Result<void> ExperimentLock::release() {
  if (renewing_.joinable()) {
    renewing_.request_stop();
    renewing_.join();
  }
  const std::lock_guard lock(mutex_);
  if (auto mine = held(); !mine) return mine;
  for (int attempt = 0; attempt < kLockAttempts; ++attempt) {
    const auto removed =
        client_.remove(path_, {{"preconditions", {{"resourceVersion", version_}}}});
    if (removed || removed.error().kind == ErrorKind::not_found) return {};
    if (removed.error().kind != ErrorKind::conflict) return tl::unexpected(removed.error());
    if (auto mine = read_again(); !mine) return mine;
  }
  return fail(ErrorKind::conflict,
              fmt::format("the ConfigMap {} is changed all the time by others", kExperimentName));
}

void ExperimentLock::begin_to_renew() {
  renewing_ = std::jthread([this](const std::stop_token& stop) { renew(stop); });
}

// What fails is tried again at the next turn: others wait six times as long.
void ExperimentLock::renew(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (held()) {
    never_.wait_for(lock, stop, std::chrono::nanoseconds(settings_.renew_every),
                    [] { return false; });
    if (stop.stop_requested()) return;
    static_cast<void>(update(json::object(), settings_.renew_every));
  }
}

}  // namespace wsfleet
