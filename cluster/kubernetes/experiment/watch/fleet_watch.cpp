// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/experiment/watch/fleet_watch.h"

#include <fmt/format.h>

#include <mutex>
#include <nlohmann/json.hpp>
#include <utility>

#include "cluster/kubernetes/api/pod_object.h"
#include "cluster/kubernetes/api/watched_list.h"
#include "cluster/kubernetes/fleet/names.h"

namespace wsfleet {
namespace {

using nlohmann::json;

}  // namespace

struct FleetWatch::Impl {
  Impl(ApiClient& client, const std::string& name_space, Clock& run_clock, Recorder& to)
      : clock(run_clock),
        recorder(to),
        workload(client, fmt::format("/apis/apps/v1/namespaces/{}/statefulsets", name_space),
                 fmt::format("fieldSelector=metadata.name%3D{}", kWorkloadName),
                 [this](const json& object, bool gone) { workload_changed(object, gone); }),
        pods(client, fmt::format("/api/v1/namespaces/{}/pods", name_space),
             "labelSelector=app.kubernetes.io%2Fname%3Dwebsocket",
             [this](const json& object, bool gone) { pod_changed(object, gone); }) {}

  void workload_changed(const json& object, bool gone) {
    const std::lock_guard lock(mutex);
    tell(log.replicas_changed(clock.now(), gone ? 0 : number_at(object, "/spec/replicas")));
  }
  void pod_changed(const json& object, bool gone) {
    const std::lock_guard lock(mutex);
    tell(log.pod_changed(clock.now(), pod_view(object, kServerContainer), gone));
  }
  void tell(const std::vector<FleetEvent>& events) {
    if (!recording) return;
    for (const FleetEvent& event : events) recorder.event(event);
  }

  Clock& clock;
  Recorder& recorder;
  std::mutex mutex;
  FleetLog log;
  bool recording = false;
  WatchedList workload;
  WatchedList pods;
};

FleetWatch::FleetWatch(ApiClient& client, const std::string& name_space, Clock& clock,
                       Recorder& recorder)
    : impl_(std::make_unique<Impl>(client, name_space, clock, recorder)) {}

FleetWatch::~FleetWatch() = default;

bool FleetWatch::wait_listed(TimeNs timeout) {
  return impl_->workload.wait_listed(timeout) && impl_->pods.wait_listed(timeout);
}

void FleetWatch::begin() {
  const std::lock_guard lock(impl_->mutex);
  impl_->recording = true;
}

void FleetWatch::end() {
  const std::lock_guard lock(impl_->mutex);
  impl_->recording = false;
}

FleetSecond FleetWatch::end_second(TimeNs now) {
  const std::lock_guard lock(impl_->mutex);
  return impl_->log.end_second(now);
}

int FleetWatch::replicas() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->log.replicas();
}

std::vector<PodView> FleetWatch::serving() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->log.serving();
}

void FleetWatch::killed_by_fault(const std::string& uid) {
  const std::lock_guard lock(impl_->mutex);
  impl_->log.killed_by_fault(uid);
}

std::vector<FleetLog::ScaledDown> FleetWatch::scaled_down() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->log.scaled_down();
}

}  // namespace wsfleet
