// SPDX-License-Identifier: Apache-2.0
#include "cluster/local/live_world.h"

#include <fmt/format.h>

#include <chrono>

#include "core/live_clock.h"

namespace wsfleet {
namespace {

constexpr TimeNs kAdminWithin = 5 * kSecond;

}  // namespace

TimeNs LiveClock::now() { return monotonic_now() - epoch_; }

bool LiveClock::sleep_until(TimeNs time) {
  std::unique_lock lock(mutex_);
  const TimeNs until = std::min(time, end_);
  while (!finished_) {
    const TimeNs left = until - now();
    if (left <= 0) break;
    finished_changed_.wait_for(lock, std::chrono::nanoseconds(left));
  }
  return !finished_ && time <= end_;
}

void LiveClock::finish() {
  const std::lock_guard lock(mutex_);
  finished_ = true;
  finished_changed_.notify_all();
}

void LiveTasks::spawn(const std::string& /*name*/, std::function<void()> body) {
  const std::lock_guard lock(mutex_);
  threads_.emplace_back(std::move(body));
}

void LiveTasks::join() {
  const std::lock_guard lock(mutex_);
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void LockedRecorder::second(const SecondRow& row) {
  const std::lock_guard lock(mutex_);
  next_.second(row);
}
void LockedRecorder::event(const FleetEvent& event) {
  const std::lock_guard lock(mutex_);
  next_.event(event);
}
void LockedRecorder::decision(const Observation& observation, const Decision& decision) {
  const std::lock_guard lock(mutex_);
  next_.decision(observation, decision);
}
void LockedRecorder::clients(const ClientHistograms& histograms) {
  const std::lock_guard lock(mutex_);
  next_.clients(histograms);
}
void LockedRecorder::figures(const RunFigures& figures) {
  const std::lock_guard lock(mutex_);
  next_.figures(figures);
}

Result<ClusterState> FleetCluster::state() {
  return on_main_thread(io_, [this] { return fleet_.state(); });
}

Result<void> FleetCluster::set_replicas(int replicas) {
  return on_main_thread(io_, [this, replicas]() -> Result<void> {
    fleet_.set_replicas(replicas);
    return {};
  });
}

Result<void> FleetCluster::drain(const std::string& uid) {
  return ask_pod(uid, "drain", "/drain", "pod_drain", "asked to drain by the scaler");
}

Result<void> FleetCluster::shed(const std::string& uid, double share) {
  return ask_pod(uid, "shed", fmt::format("/shed?share={}", share), "pod_shed",
                 fmt::format("asked to close {:.1f} % of its sockets", 100 * share));
}

Result<void> FleetCluster::ask_pod(const std::string& uid, const std::string& verb,
                                   const std::string& target, const char* event_kind,
                                   std::string detail) {
  const auto where = on_main_thread(io_, [&] { return fleet_.admin_address(uid, verb); });
  if (!where) return tl::unexpected(where.error());
  HttpRequest request;
  request.method = "POST";
  request.address = where->address;
  request.port = where->port;
  request.target = target;
  request.headers = {{"Authorization", "Bearer " + fleet_.admin_token()}};
  const auto answer = http_exchange(request, kAdminWithin);
  if (!answer) return tl::unexpected(answer.error());
  if (answer->status / 100 != 2) {
    return fail(ErrorKind::unavailable,
                fmt::format("{}: the pod answered {}: {}", verb, answer->status, answer->body));
  }
  on_main_thread(io_, [&] {
    fleet_.asked(uid, event_kind, std::move(detail));
    return true;
  });
  return {};
}

Result<void> FleetCluster::set_deletion_cost(const std::string& uid, int cost) {
  return on_main_thread(io_, [&] { return fleet_.set_deletion_cost(uid, cost); });
}

Result<void> FleetCluster::inject(const Fault& fault) {
  return on_main_thread(io_, [&] { return fleet_.inject(fault); });
}

}  // namespace wsfleet
