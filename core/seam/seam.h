// SPDX-License-Identifier: Apache-2.0
#pragma once
// The seam between an experiment and its world: everything that run() and the
// control loop can reach; a policy reaches none of it. Each backend (cluster/simulated,
// cluster/local, cluster/kubernetes/experiment) implements these. Calls block: in simulation they
// take simulated time on an actor, live they wait on a thread with a deadline. Nothing here throws.

#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/result.h"
#include "core/seam/fault.h"
#include "core/seam/observation.h"
#include "core/seam/run_record.h"
#include "core/time.h"

namespace wsfleet {

class Clock {
 public:
  virtual ~Clock() = default;
  /// Nanoseconds since the run's t = 0; negative before it.
  virtual TimeNs now() = 0;
  /// False when the run is over or was stopped before `time`: return as soon as possible then.
  virtual bool sleep_until(TimeNs time) = 0;
};

/// What the API server says of the workload: `connections` and `sample_age_s` of its pods are
/// absent, the control loop fills them in from Metrics.
struct ClusterState {
  int replicas = 0;
  int status_replicas = 0;
  std::vector<PodObservation> pods;
};

class Cluster {
 public:
  virtual ~Cluster() = default;
  virtual Result<ClusterState> state() = 0;
  virtual Result<void> set_replicas(int replicas) = 0;
  /// Stop accepting, fail readiness, close paced as the scenario's drain says.
  virtual Result<void> drain(const std::string& uid) = 0;
  /// Close `share` (0..1) of the pod's connections, paced; it stays in service.
  virtual Result<void> shed(const std::string& uid, double share) = 0;
  virtual Result<void> set_deletion_cost(const std::string& uid, int cost) = 0;
};

struct MetricSample {
  double value = 0;
  TimeNs age = 0;
};

/// A sample is the last scrape's, if that succeeded, and at most as old as Prometheus'
/// query.lookback-delta. A failed scrape or a vanished target leaves none.
inline constexpr TimeNs kSampleLookback = 5 * kMinute;
constexpr bool is_fresh(TimeNs age, TimeNs lookback = kSampleLookback) { return age <= lookback; }

class Metrics {
 public:
  virtual ~Metrics() = default;
  /// Open connections by pod uid: each one's sample, where it has one (is_fresh()). An outage is
  /// an error (ErrorKind::unavailable), never an empty answer.
  virtual Result<std::unordered_map<std::string, MetricSample>> connections() = 0;
};

class Faults {
 public:
  virtual ~Faults() = default;
  virtual Result<void> inject(const Fault& fault) = 0;
};

class Tasks {
 public:
  virtual ~Tasks() = default;
  /// Runs `body` beside the caller until it returns; it must return soon after its clock says stop.
  virtual void spawn(const std::string& name, std::function<void()> body) = 0;
};

/// A control loop that runs elsewhere and scales this world's workload by itself, with a policy of
/// its own.
class RemoteScaler {
 public:
  virtual ~RemoteScaler() = default;
  /// Hands on what it decides and what happens to it, until the run is over. An error when it can't
  /// be heard.
  virtual Result<void> follow(Recorder& recorder) = 0;
};

struct World {
  Clock& clock;
  Tasks& tasks;
  Cluster& cluster;
  Metrics& metrics;
  Faults& faults;
  Recorder& recorder;
  RemoteScaler* remote_scaler = nullptr;  // null: run() itself runs the control loop
};

/// Called as a world's first task at t = 0; returns soon after its clock says that the run is over.
using WorldBody = std::function<void(World&)>;

}  // namespace wsfleet
