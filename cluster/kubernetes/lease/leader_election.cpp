// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/lease/leader_election.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "cluster/kubernetes/api/api_client.h"
#include "core/live/entropy.h"
#include "core/log.h"

namespace wsfleet {
namespace {

constexpr double kJitter = 0.2;
constexpr TimeNs kShortestPause = 10 * kMillisecond;

class KubernetesLease : public LeaseStore {
 public:
  KubernetesLease(ApiClient& client, const ElectionSettings& settings)
      : client_(client),
        leases_(
            fmt::format("/apis/coordination.k8s.io/v1/namespaces/{}/leases", settings.name_space)),
        lease_(leases_ + "/" + settings.lease_name) {}

  Result<nlohmann::json> read(TimeNs deadline) override { return client_.get(lease_, deadline); }
  Result<nlohmann::json> create(const nlohmann::json& lease, TimeNs deadline) override {
    return client_.create(leases_, lease, deadline);
  }
  Result<nlohmann::json> replace(const nlohmann::json& lease, TimeNs deadline) override {
    return client_.replace(lease_, lease, deadline);
  }

 private:
  ApiClient& client_;
  const std::string leases_;
  const std::string lease_;
};

}  // namespace

std::unique_ptr<LeaseStore> kubernetes_lease(ApiClient& client, const ElectionSettings& settings) {
  return std::make_unique<KubernetesLease>(client, settings);
}

LeaderElection::LeaderElection(Elector& elector, OnChange on_change)
    : elector_(elector), on_change_(std::move(on_change)) {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

LeaderElection::~LeaderElection() {
  thread_.request_stop();
  thread_.join();
  const Result<void> released = elector_.release();
  if (!released) log_warning("the Lease was not released: " + released.error().message);
}

void LeaderElection::run(const std::stop_token& stop) {
  bool was_leading = false;
  std::string last_trouble;
  const auto tell = [&](const std::string& trouble) {
    const bool leads = elector_.leading();
    if (leads == was_leading && trouble == last_trouble) return;
    was_leading = leads;
    last_trouble = trouble;
    on_change_(leads, trouble);
  };
  while (!stop.stop_requested()) {
    const Result<void> tried = elector_.step();
    tell(tried ? "" : tried.error().message);
    std::unique_lock lock(mutex_);
    stopped_.wait_for(lock, stop, std::chrono::nanoseconds(pause()), [] { return false; });
    lock.unlock();
    tell(last_trouble);  // leadership may have run out meanwhile
  }
}

TimeNs LeaderElection::pause() const {
  const TimeNs period = elector_.settings().retry_period;
  const TimeNs left = elector_.time_left();
  if (left > 0) return std::max(std::min(period, left), kShortestPause);
  const double chance = static_cast<double>(entropy_bits() >> 11) / static_cast<double>(1ULL << 53);
  return std::max(from_seconds(to_seconds(period) * (1 + kJitter * chance)), kShortestPause);
}

}  // namespace wsfleet
