// SPDX-License-Identifier: Apache-2.0
#pragma once
// The seam's objects for the local cluster. The control loop and the faults run on threads of their
// own; what they ask of the fleet is done on the harness' main thread, which waits for nothing but
// its io_context. That thread must go on running the io_context until they have returned.

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "cluster/local/fleet.h"
#include "core/seam.h"

namespace wsfleet {

/// Runs `work` on the thread that runs `io`, and waits for what it returns.
template <class Work>
auto on_main_thread(boost::asio::io_context& io, Work work) {
  std::packaged_task<decltype(work())()> task(std::move(work));
  auto result = task.get_future();
  boost::asio::post(io, [&task] { task(); });
  return result.get();
}

class LiveClock : public Clock {
 public:
  LiveClock(TimeNs epoch, TimeNs end) : epoch_(epoch), end_(end) {}
  TimeNs now() override;
  bool sleep_until(TimeNs time) override;
  /// Everybody wakes up: the run is over.
  void finish();

 private:
  TimeNs epoch_;
  TimeNs end_;
  std::mutex mutex_;
  std::condition_variable finished_changed_;
  bool finished_ = false;
};

class LiveTasks : public Tasks {
 public:
  ~LiveTasks() override { join(); }
  void spawn(const std::string& name, std::function<void()> body) override;
  void join();

 private:
  std::mutex mutex_;
  std::vector<std::thread> threads_;
};

/// Hands on to a recorder that takes one caller at a time.
class LockedRecorder : public Recorder {
 public:
  explicit LockedRecorder(Recorder& next) : next_(next) {}
  void second(const SecondRow& row) override;
  void event(const FleetEvent& event) override;
  void decision(const Observation& observation, const Decision& decision) override;
  void clients(const ClientHistograms& histograms) override;
  void figures(const RunFigures& figures) override;

 private:
  std::mutex mutex_;
  Recorder& next_;
};

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
