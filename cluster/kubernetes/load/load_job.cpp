// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/load/load_job.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "cluster/kubernetes/load/load_agents.h"
#include "cluster/kubernetes/load/load_pods.h"
#include "core/live/entropy.h"
#include "core/live/live_clock.h"
#include "core/net/http_client.h"
#include "loadgen/live/figures/merge_reports.h"

namespace wsfleet {
namespace {

using nlohmann::json;

constexpr int kWaitLookMs = 300;
constexpr std::chrono::milliseconds kSeenEvery{1000};
constexpr TimeNs kRemovedWithin = 60 * kSecond;
constexpr TimeNs kPodsGoneWithin = 30 * kSecond;
constexpr int kLogLines = 20;

std::string jobs_path(const std::string& name_space) {
  return fmt::format("/apis/batch/v1/namespaces/{}/jobs", name_space);
}
std::string secrets_path(const std::string& name_space) {
  return fmt::format("/api/v1/namespaces/{}/secrets", name_space);
}
std::string pods_path(const std::string& name_space) {
  return fmt::format("/api/v1/namespaces/{}/pods", name_space);
}
/// The Job controller sets that label in all versions.
std::string pods_query(const std::string& job) {
  return "labelSelector=" + percent_encode("job-name=" + job);
}

Result<void> without_not_found(const Result<json>& removed) {
  if (removed || removed.error().kind == ErrorKind::not_found) return {};
  return tl::unexpected(removed.error());
}

Result<void> remove_secret(ApiClient& client, const std::string& name_space,
                           const std::string& job) {
  const std::string path = secrets_path(name_space) + "/" + load_secret_name(job);
  return without_not_found(client.remove(path, json::object(), kRemovedWithin));
}

/// The Job, and with it its pods, whose end is waited for a little.
Result<void> remove_job(ApiClient& client, const std::string& name_space, const std::string& job) {
  const json options = {
      {"apiVersion", "v1"}, {"kind", "DeleteOptions"}, {"propagationPolicy", "Background"}};
  auto removed =
      without_not_found(client.remove(jobs_path(name_space) + "/" + job, options, kRemovedWithin));
  const TimeNs until = monotonic_now() + kPodsGoneWithin;
  while (removed && monotonic_now() < until) {
    const auto pods = client.list(pods_path(name_space), pods_query(job));
    if (!pods || pods->items.empty()) break;
    poll(nullptr, 0, kWaitLookMs);
  }
  return removed;
}

Result<void> write_text(const std::string& path, const std::string& text) {
  std::ofstream stream(path, std::ios::binary);
  stream << text;
  stream.close();
  if (stream) return {};
  return fail("can't write " + path);
}

Error taken(const Error& error, const char* kind, const std::string& name) {
  if (error.kind != ErrorKind::conflict) return error;
  return {ErrorKind::conflict,
          fmt::format("there is a {} {} already: another experiment uses it, or has left it behind",
                      kind, name)};
}

}  // namespace

struct LoadJob::Impl {
  Impl(ApiClient& api, LoadJobSettings job_settings)
      : client(api),
        settings(std::move(job_settings)),
        agents(api, settings.name_space, token_of(settings)) {}

  static const std::string& token_of(LoadJobSettings& settings) {
    if (settings.token.empty()) settings.token = random_uuid() + random_uuid();
    return settings.token;
  }

  Result<std::vector<LoadPod>> list_pods();
  Result<bool> all_wait(const std::vector<LoadPod>& found);
  void watch(const std::stop_token& stop);
  void see(std::size_t index, const std::vector<LoadPod>& found);
  std::vector<LoadPodSeen> all_seen() const {
    const std::lock_guard lock(mutex);
    return seen;
  }
  std::string log_end(const std::string& pod);

  ApiClient& client;
  LoadJobSettings settings;
  LoadAgents agents;
  bool has_secret = false;  // to be removed
  bool has_job = false;
  std::string job_uid;
  std::vector<std::string> names;  // sorted: the index is the share

  mutable std::mutex mutex;
  std::condition_variable_any changed;
  std::vector<LoadPodSeen> seen;
  std::vector<std::string> log_ends;  // of pods that failed
  std::jthread watcher;               // last: it uses what is above
};

Result<std::vector<LoadPod>> LoadJob::Impl::list_pods() {
  const auto list = client.list(pods_path(settings.name_space), pods_query(settings.name));
  if (!list) return tl::unexpected(list.error());
  std::vector<LoadPod> found;
  for (const json& item : list->items) {
    if (belongs_to_job(item, job_uid)) found.push_back(read_load_pod(item));
  }
  std::sort(found.begin(), found.end(),
            [](const LoadPod& a, const LoadPod& b) { return a.name < b.name; });
  return found;
}

LoadJob::LoadJob(ApiClient& client, LoadJobSettings settings)
    : impl_(std::make_unique<Impl>(client, std::move(settings))) {}

LoadJob::~LoadJob() = default;

int LoadJob::pods() const { return impl_->settings.pods; }

Result<void> LoadJob::create() {
  const LoadJobSettings& settings = impl_->settings;
  const auto secret =
      impl_->client.create(secrets_path(settings.name_space), load_secret_manifest(settings));
  // Whoever gets no answer does not know whether it was made.
  impl_->has_secret = secret || secret.error().kind != ErrorKind::conflict;
  if (!secret) {
    return tl::unexpected(taken(secret.error(), "Secret", load_secret_name(settings.name)));
  }
  const auto job =
      impl_->client.create(jobs_path(settings.name_space), load_job_manifest(settings));
  impl_->has_job = job || job.error().kind != ErrorKind::conflict;
  if (!job) return tl::unexpected(taken(job.error(), "Job", settings.name));
  impl_->job_uid = job->at("metadata").at("uid").get<std::string>();
  const auto owned =
      impl_->client.patch(secrets_path(settings.name_space) + "/" + load_secret_name(settings.name),
                          PatchKind::merge, load_secret_owner_patch(*job));
  if (!owned) return tl::unexpected(owned.error());
  return {};
}

/// Whether all pods run and each agent waits; an error where that can't become true.
Result<bool> LoadJob::Impl::all_wait(const std::vector<LoadPod>& found) {
  for (const LoadPod& pod : found) {
    if (pod.hopeless) return fail(not_running({pod}, 1));
  }
  if (!not_running(found, settings.pods).empty()) return false;
  for (const LoadPod& pod : found) {
    const auto status = agents.status(pod.name);
    if (!status && status.error().kind == ErrorKind::unavailable) return false;
    if (!status) return tl::unexpected(status.error());
    if (status->state != AgentState::waiting) {
      return fail(fmt::format("load pod {} has been started by somebody else", pod.name));
    }
  }
  return true;
}

Result<void> LoadJob::wait_running(TimeNs timeout, const std::function<bool()>& stop) {
  const TimeNs until = monotonic_now() + timeout;
  std::string trouble = "there are no pods yet";
  while (monotonic_now() < until) {
    if (stop && stop()) return fail(ErrorKind::stopped, "stopped by the user");
    const auto found = impl_->list_pods();
    if (found) {
      const auto ready = impl_->all_wait(*found);
      if (!ready) return tl::unexpected(ready.error());
      if (*ready) {
        impl_->names.clear();
        for (const LoadPod& pod : *found) impl_->names.push_back(pod.name);
        return {};
      }
      trouble = not_running(*found, impl_->settings.pods);
      if (trouble.empty()) trouble = "all load pods run, but their agents don't answer";
    } else {
      trouble = found.error().message;
    }
    poll(nullptr, 0, kWaitLookMs);
  }
  return fail(ErrorKind::unavailable, fmt::format("the load pods were not ready within {}: {}",
                                                  format_duration_short(timeout), trouble));
}

Result<void> LoadJob::start(const std::vector<std::string>& arguments,
                            const std::map<std::string, std::string>& files, TimeNs timeout) {
  const TimeNs until = monotonic_now() + timeout;
  const auto& names = impl_->names;
  auto started = for_each_at_once(names.size(), [&](std::size_t i) -> Result<void> {
    const std::string shard = fmt::format("{}/{}", i, names.size());
    std::vector<std::string> own = arguments;
    own.insert(own.end(), {"--shard", shard});
    const json body = {{"arguments", own}, {"files", files}};
    return impl_->agents.start(names[i], body.dump(), shard, until);
  });
  if (!started) return started;
  impl_->seen.clear();
  for (const std::string& name : names) {
    LoadPodSeen one;
    one.pod.name = name;
    one.pod.running = true;
    impl_->seen.push_back(std::move(one));
  }
  impl_->log_ends.assign(names.size(), "");
  impl_->watcher = std::jthread([impl = impl_.get()](std::stop_token stop) { impl->watch(stop); });
  return {};
}

void LoadJob::Impl::watch(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    // Nothing new while the API server is away.
    if (const auto found = list_pods(); found) {
      for (std::size_t i = 0; i < names.size() && !stop.stop_requested(); ++i) see(i, *found);
    }
    std::unique_lock lock(mutex);
    changed.wait_for(lock, stop, kSeenEvery, [] { return false; });
  }
}

void LoadJob::Impl::see(std::size_t index, const std::vector<LoadPod>& found) {
  LoadPodSeen now;
  {
    const std::lock_guard lock(mutex);
    now = seen[index];
  }
  if (now.over()) return;
  const auto pod = std::find_if(found.begin(), found.end(),
                                [&](const LoadPod& each) { return each.name == names[index]; });
  if (pod != found.end()) {
    now.pod = *pod;
  } else {
    now.pod.phase = "Gone";
    now.pod.running = false;
    now.pod.hopeless = true;
  }
  if (now.pod.running) {
    if (auto status = agents.status(now.pod.name)) now.agent = std::move(*status);
  }
  const std::string end = now.pod.hopeless && pod != found.end() ? log_end(now.pod.name) : "";
  const std::lock_guard lock(mutex);
  seen[index] = std::move(now);
  log_ends[index] = end;
}

std::string LoadJob::Impl::log_end(const std::string& pod) {
  const auto log = client.exchange(
      "GET", fmt::format("{}/{}/log?tailLines={}", pods_path(settings.name_space), pod, kLogLines),
      "", "");
  return log && log->status == 200 ? log->body : "";
}

Result<void> LoadJob::check() const {
  const std::lock_guard lock(impl_->mutex);
  for (std::size_t i = 0; i < impl_->seen.size(); ++i) {
    const LoadPodSeen& one = impl_->seen[i];
    const std::string failure = one.failure();
    if (failure.empty()) continue;
    std::string log = impl_->log_ends[i];
    if (log.empty() && one.agent) log = one.agent->log_tail;
    return fail(log.empty() ? failure : fmt::format("{}; its log ends with:\n{}", failure, log));
  }
  return {};
}

bool LoadJob::ended() const {
  const auto seen = impl_->all_seen();
  return std::all_of(seen.begin(), seen.end(), [](const LoadPodSeen& one) { return one.over(); });
}

void LoadJob::stop(TimeNs timeout) {
  const TimeNs until = monotonic_now() + timeout;
  static_cast<void>(for_each_at_once(impl_->names.size(), [&](std::size_t i) {
    return impl_->agents.stop(impl_->names[i], until);
  }));
}

Result<LoadReport> LoadJob::reports(const std::vector<std::string>& files, TimeNs timeout) {
  const TimeNs until = monotonic_now() + timeout;
  const auto fetched = for_each_at_once(impl_->names.size(), [&](std::size_t i) -> Result<void> {
    const auto report = impl_->agents.report(impl_->names[i], until);
    if (!report) return tl::unexpected(report.error());
    return write_text(files.at(i), *report);
  });
  if (!fetched) return tl::unexpected(fetched.error());
  return merge_reports(files, {});
}

Result<void> LoadJob::logs(const std::vector<std::string>& files, TimeNs timeout) {
  const TimeNs until = monotonic_now() + timeout;
  return for_each_at_once(impl_->names.size(), [&](std::size_t i) -> Result<void> {
    const auto log = impl_->agents.log(impl_->names[i], until);
    if (!log) return tl::unexpected(log.error());
    return write_text(files.at(i), *log);
  });
}

Result<void> LoadJob::finish() {
  if (impl_->watcher.joinable()) {
    impl_->watcher.request_stop();
    impl_->watcher.join();
  }
  const auto seen = impl_->all_seen();
  if (impl_->has_job) {
    static_cast<void>(for_each_at_once(seen.size(), [&](std::size_t i) -> Result<void> {
      if (seen[i].agent && seen[i].over()) impl_->agents.done(impl_->names[i]);
      return {};
    }));
  }
  const std::string& name_space = impl_->settings.name_space;
  Result<void> removed;
  if (impl_->has_job) removed = remove_job(impl_->client, name_space, impl_->settings.name);
  impl_->has_job = impl_->has_job && !removed;
  if (impl_->has_secret) {
    const auto secret = remove_secret(impl_->client, name_space, impl_->settings.name);
    impl_->has_secret = !secret;
    if (removed) removed = secret;
  }
  return removed;
}

Result<void> remove_load_job(ApiClient& client, const std::string& name_space,
                             const std::string& name) {
  const auto job = remove_job(client, name_space, name);
  const auto secret = remove_secret(client, name_space, name);
  return job ? secret : job;
}

}  // namespace wsfleet
