// SPDX-License-Identifier: Apache-2.0
#pragma once
// Hand-written fakes of the seam for the control loop's tests: a clock that jumps, a cluster and
// metrics that answer what a test tells them to and write down every call. Test code only.

#include <deque>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/seam/seam.h"
#include "scaler/policies/policy.h"

namespace wsfleet {

class FakeClock : public Clock {
 public:
  TimeNs now() override { return time; }
  bool sleep_until(TimeNs until) override {
    if (until > stop) return false;
    time = std::max(time, until);
    return true;
  }

  TimeNs time = 0;
  TimeNs stop = kNever;  // the run is over after it
};

class FakeCluster : public Cluster {
 public:
  explicit FakeCluster(FakeClock& clock) : clock_(clock) {}

  Result<ClusterState> state() override {
    calls.push_back("state");
    clock_.time += latency;
    if (!state_errors.empty()) {
      const Error error = state_errors.front();
      state_errors.pop_front();
      if (!error.message.empty()) return tl::unexpected<Error>(error);
    }
    if (on_state) on_state(current);
    return current;
  }
  Result<void> set_replicas(int replicas) override {
    calls.push_back("set_replicas " + std::to_string(replicas));
    if (!replica_errors.empty()) {
      const Error error = replica_errors.front();
      replica_errors.pop_front();
      return tl::unexpected<Error>(error);
    }
    current.replicas = replicas;
    return {};
  }
  Result<void> drain(const std::string& uid) override { return verb("drain", uid); }
  Result<void> shed(const std::string& uid, double share) override {
    return verb("shed", uid + " " + std::to_string(share).substr(0, 4));
  }
  Result<void> set_deletion_cost(const std::string& uid, int cost) override {
    return verb("set_deletion_cost", uid + " " + std::to_string(cost));
  }

  void add_pod(const std::string& uid) {
    PodObservation& pod = current.pods.emplace_back();
    pod.name = "websocket-" + std::to_string(current.pods.size() - 1);
    pod.uid = uid;
    pod.phase = PodPhase::running;
    pod.ready = true;
  }

  ClusterState current;
  TimeNs latency = 0;                // of each read
  std::deque<Error> state_errors;    // one per read; an empty message means success
  std::deque<Error> replica_errors;  // one per write
  std::unordered_map<std::string, Error> verb_errors;  // by verb
  std::function<void(ClusterState&)> on_state;
  std::vector<std::string> calls;

 private:
  Result<void> verb(const std::string& name, const std::string& arguments) {
    calls.push_back(name + " " + arguments);
    const auto found = verb_errors.find(name);
    if (found == verb_errors.end()) return {};
    return tl::unexpected<Error>(found->second);
  }

  FakeClock& clock_;
};

class FakeMetrics : public Metrics {
 public:
  Result<std::unordered_map<std::string, MetricSample>> connections() override {
    if (outage) return fail(ErrorKind::unavailable, "prometheus does not answer");
    return samples;
  }

  std::unordered_map<std::string, MetricSample> samples;
  bool outage = false;
};

class FakeRecorder : public Recorder {
 public:
  void second(const SecondRow&) override {}
  void event(const FleetEvent& event) override { events.push_back(event); }
  void decision(const Observation& observation, const Decision& decision) override {
    observations.push_back(observation);
    decisions.push_back(decision);
  }
  void clients(const ClientHistograms&) override {}
  void figures(const RunFigures&) override {}

  std::vector<std::string> details_of(const std::string& kind) const {
    std::vector<std::string> details;
    for (const FleetEvent& event : events) {
      if (event.kind == kind) details.push_back(event.detail);
    }
    return details;
  }

  std::vector<FleetEvent> events;
  std::vector<Observation> observations;
  std::vector<Decision> decisions;
};

/// Answers with the same decision each time, or with what `answer` says.
class FakePolicy : public Policy {
 public:
  Decision decide(const Observation& observation) override {
    return answer ? answer(observation) : fixed;
  }
  nlohmann::json state() const override { return nlohmann::json::object(); }
  Result<void> restore(const nlohmann::json&) override { return {}; }

  Decision fixed;
  std::function<Decision(const Observation&)> answer;
};

}  // namespace wsfleet
