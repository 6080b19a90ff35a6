// SPDX-License-Identifier: Apache-2.0
#pragma once
// The seam's objects for the simulated world: a clock, tasks, the Kubernetes API and Prometheus,
// each call taking its simulated latency and failing as the scenario says. Not thread-safe.

#include "cluster/simulated/control/control_plane.h"
#include "core/seam/seam.h"

namespace wsfleet {

class SimulatedClock : public Clock {
 public:
  SimulatedClock(Executor& executor, const ControlPlane& plane, TimeNs end)
      : executor_(executor), plane_(plane), end_(end) {}
  TimeNs now() override { return executor_.now(); }
  bool sleep_until(TimeNs time) override;
  bool sleep_for(TimeNs span) { return sleep_until(executor_.now() + span); }

 private:
  Executor& executor_;
  const ControlPlane& plane_;
  TimeNs end_;
};

class SimulatedTasks : public Tasks {
 public:
  explicit SimulatedTasks(Executor& executor) : executor_(executor) {}
  void spawn(const std::string& name, std::function<void()> body) override {
    executor_.spawn(name, std::move(body));
  }

 private:
  Executor& executor_;
};

class SimulatedCluster : public Cluster {
 public:
  SimulatedCluster(const RunDescription& settings, ControlPlane& plane, SimulatedClock& clock)
      : settings_(settings.cluster.control_plane),
        plane_(plane),
        clock_(clock),
        chance_(settings.seed, "cluster.api") {}
  Result<ClusterState> state() override;
  Result<void> set_replicas(int replicas) override;
  Result<void> drain(const std::string& uid) override;
  Result<void> shed(const std::string& uid, double share) override;
  Result<void> set_deletion_cost(const std::string& uid, int cost) override;

 private:
  Result<void> request(bool writes);

  const ControlPlaneSettings& settings_;
  ControlPlane& plane_;
  SimulatedClock& clock_;
  RandomStream chance_;
  std::uint64_t requests_ = 0;
};

class SimulatedMetrics : public Metrics {
 public:
  SimulatedMetrics(const RunDescription& settings, ControlPlane& plane, SimulatedClock& clock)
      : latency_(settings.metrics.query_latency), plane_(plane), clock_(clock) {}
  Result<std::unordered_map<std::string, MetricSample>> connections() override;

 private:
  TimeNs latency_;
  ControlPlane& plane_;
  SimulatedClock& clock_;
};

class SimulatedFaults : public Faults {
 public:
  explicit SimulatedFaults(ControlPlane& plane) : plane_(plane) {}
  Result<void> inject(const Fault& fault) override { return plane_.inject(fault); }

 private:
  ControlPlane& plane_;
};

}  // namespace wsfleet
