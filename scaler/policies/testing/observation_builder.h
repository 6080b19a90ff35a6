// SPDX-License-Identifier: Apache-2.0
#pragma once
// Observations for the tests of policies, written as in a table: one call per pod. Test code only.

#include <string>
#include <utility>

#include "core/seam/observation.h"

namespace wsfleet {

class ObservationBuilder {
 public:
  ObservationBuilder(double time_s, int replicas) {
    observation_.time_s = time_s;
    observation_.replicas = replicas;
    observation_.status_replicas = replicas;
  }

  /// A ready, running pod with a sample.
  ObservationBuilder& pod(double connections) {
    PodObservation& added = add(PodPhase::running, true);
    added.connections = connections;
    added.sample_age_s = 5;
    return *this;
  }
  ObservationBuilder& pods(int count, double connections) {
    for (int i = 0; i < count; ++i) pod(connections);
    return *this;
  }
  ObservationBuilder& pod_without_sample() { return add(PodPhase::running, true), *this; }
  ObservationBuilder& unready(double connections) {
    pod(connections);
    observation_.pods.back().ready = false;
    return *this;
  }
  ObservationBuilder& pending() { return add(PodPhase::pending, false), *this; }
  ObservationBuilder& pending(double connections) {
    add(PodPhase::pending, false).connections = connections;
    return *this;
  }
  ObservationBuilder& failed(double connections) {
    add(PodPhase::failed, false).connections = connections;
    return *this;
  }
  ObservationBuilder& terminating(double connections) {
    pod(connections);
    observation_.pods.back().terminating = true;
    return *this;
  }
  ObservationBuilder& metrics(MetricsStatus status) {
    observation_.metrics = status;
    return *this;
  }

  operator Observation() const { return observation_; }  // NOLINT: meant to be implicit

 private:
  PodObservation& add(PodPhase phase, bool ready) {
    const std::string ordinal = std::to_string(observation_.pods.size());
    PodObservation& added = observation_.pods.emplace_back();
    added.name = "websocket-" + ordinal;
    added.uid = "uid-" + ordinal;
    added.phase = phase;
    added.ready = ready;
    return added;
  }

  Observation observation_;
};

/// An observation of a fleet whose pods all have `connections` each.
inline Observation fleet(double time_s, int replicas, double connections) {
  return ObservationBuilder(time_s, replicas).pods(replicas, connections);
}

}  // namespace wsfleet
