// SPDX-License-Identifier: Apache-2.0
#pragma once
// The local fleet as the seam's Cluster and Faults. The control loop and the faults run on threads
// of their own; what they ask of the fleet is done on the harness' main thread, which waits for
// nothing but its io_context. That thread must go on running the io_context until they have
// returned.

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <string>
#include <utility>

#include "cluster/local/pods/fleet.h"
#include "core/seam/seam.h"

namespace wsfleet {

/// Runs `work` on the thread that runs `io`, and waits for what it returns. Work and promise are
/// the handler's own: the caller may have returned before that thread is done with them.
template <class Work>
auto on_main_thread(boost::asio::io_context& io, Work work) {
  std::promise<decltype(work())> promise;
  auto result = promise.get_future();
  boost::asio::post(io, [promise = std::move(promise), work = std::move(work)]() mutable {
    promise.set_value(work());
  });
  return result.get();
}

class FleetCluster : public Cluster, public Faults {
 public:
  FleetCluster(boost::asio::io_context& io, LocalFleet& fleet) : io_(io), fleet_(fleet) {}
  Result<ClusterState> state() override;
  Result<void> set_replicas(int replicas) override;
  Result<void> drain(const std::string& uid) override;
  Result<void> shed(const std::string& uid, double share) override;
  Result<void> set_deletion_cost(const std::string& uid, int cost) override;
  Result<void> inject(const Fault& fault) override;

 private:
  Result<void> ask_pod(const std::string& uid, const std::string& verb, const std::string& target,
                       const char* event_kind, std::string detail);

  boost::asio::io_context& io_;
  LocalFleet& fleet_;
};

}  // namespace wsfleet
