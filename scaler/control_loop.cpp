// SPDX-License-Identifier: Apache-2.0
#include "scaler/control_loop.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace wsfleet {
namespace {

class ControlLoop {
 public:
  ControlLoop(Policy& policy, const ControlLoopSettings& settings, Clock& clock, Cluster& cluster,
              Metrics& metrics, Recorder& recorder)
      : policy_(policy),
        settings_(settings),
        clock_(clock),
        cluster_(cluster),
        metrics_(metrics),
        recorder_(recorder) {}

  ControlLoopSummary run();

 private:
  void tick(TimeNs time);
  Observation observe(TimeNs time, ClusterState state);
  void note_metrics(const Result<std::unordered_map<std::string, MetricSample>>& samples);
  void clamp(Decision& decision) const;
  void apply(const Decision& decision, int current);
  bool apply_deletion_costs(const Decision& decision);
  bool apply_drains(const Decision& decision);
  bool apply_sheds(const Decision& decision);
  void apply_replicas(int wanted, int current, const std::string& reason);
  bool accepted(const Result<void>& result, const std::string& verb, const std::string& uid);
  void event(std::string kind, std::string detail, std::string uid = {});

  Policy& policy_;
  const ControlLoopSettings& settings_;
  Clock& clock_;
  Cluster& cluster_;
  Metrics& metrics_;
  Recorder& recorder_;
  ControlLoopSummary summary_;
  std::set<std::string> unsupported_verbs_;
  bool metrics_lost_ = false;
};

// The first multiple of `interval` that is not before `time`.
TimeNs next_tick(TimeNs interval, TimeNs time) {
  return time <= 0 ? 0 : (time + interval - 1) / interval * interval;
}

// A fixed cadence, t = k * interval: a slow tick delays no later one, and ticks that it ran over
// are skipped.
ControlLoopSummary ControlLoop::run() {
  TimeNs time = next_tick(settings_.interval, clock_.now());
  while (time < settings_.end && clock_.sleep_until(time)) {
    ++summary_.ticks;
    tick(time);
    const TimeNs next = time + settings_.interval;
    time = std::max(next, next_tick(settings_.interval, clock_.now()));
    summary_.missed += (time - next) / settings_.interval;
  }
  return std::move(summary_);
}

void ControlLoop::tick(TimeNs time) {
  Result<ClusterState> state = cluster_.state();
  if (!state) {
    ++summary_.held;
    event("scaler_error", "the cluster can't be read, holding: " + state.error().message);
    return;
  }
  const Observation observation = observe(time, std::move(*state));
  Decision decision = policy_.decide(observation);
  ++summary_.decisions;
  clamp(decision);
  recorder_.decision(observation, decision);
  apply(decision, observation.replicas);
}

// The time of an observation is that of its tick, not that of the answers: rates and windows of a
// policy then compare whole intervals, whatever the API's latency was.
Observation ControlLoop::observe(TimeNs time, ClusterState state) {
  Observation observation;
  observation.time_s = to_seconds(time);
  observation.replicas = state.replicas;
  observation.status_replicas = state.status_replicas;
  observation.pods = std::move(state.pods);
  const auto samples = metrics_.connections();
  note_metrics(samples);
  if (!samples || samples->empty()) {
    observation.metrics = samples ? MetricsStatus::empty : MetricsStatus::error;
  }
  for (PodObservation& pod : observation.pods) {
    pod.connections.reset();
    pod.sample_age_s.reset();
    if (!samples) continue;
    const auto found = samples->find(pod.uid);
    if (found == samples->end()) continue;  // no sample is never a zero
    pod.connections = found->second.value;
    pod.sample_age_s = to_seconds(found->second.age);
  }
  return observation;
}

// An outage is told when it begins and when it ends; decisions.ndjson has every tick of it.
void ControlLoop::note_metrics(
    const Result<std::unordered_map<std::string, MetricSample>>& samples) {
  if (!samples) ++summary_.metrics_errors;
  if (!samples && !metrics_lost_) event("metrics_lost", samples.error().message);
  if (samples && metrics_lost_) event("metrics_back", "the metrics can be read again");
  metrics_lost_ = !samples;
}

void ControlLoop::clamp(Decision& decision) const {
  if (!decision.replicas) return;
  const int within = std::clamp(*decision.replicas, settings_.min_replicas, settings_.max_replicas);
  if (within == *decision.replicas) return;
  decision.reason += fmt::format("; {} wanted, bounds are {} to {}", *decision.replicas,
                                 settings_.min_replicas, settings_.max_replicas);
  decision.replicas = within;
}

// What prepares a removal comes before it: which pods cost most to delete, which ones drain. Where
// that failed a scale-down waits for the next tick, as it could hit the wrong pods.
void ControlLoop::apply(const Decision& decision, int current) {
  const bool costs_set = apply_deletion_costs(decision);
  const bool drains_begun = apply_drains(decision);
  apply_sheds(decision);
  if (!decision.replicas || *decision.replicas == current) return;
  if (*decision.replicas < current && !(costs_set && drains_begun)) {
    event("scaler_error", fmt::format("scale-down from {} to {} waits: it could not be prepared",
                                      current, *decision.replicas));
    return;
  }
  apply_replicas(*decision.replicas, current, decision.reason);
}

bool ControlLoop::apply_deletion_costs(const Decision& decision) {
  bool all = true;
  for (const auto& [uid, cost] : decision.deletion_costs) {
    all = accepted(cluster_.set_deletion_cost(uid, cost), "set_deletion_cost", uid) && all;
  }
  return all;
}

bool ControlLoop::apply_drains(const Decision& decision) {
  bool all = true;
  for (const std::string& uid : decision.drain) {
    all = accepted(cluster_.drain(uid), "drain", uid) && all;
  }
  return all;
}

bool ControlLoop::apply_sheds(const Decision& decision) {
  bool all = true;
  for (const ShedOrder& order : decision.shed) {
    all = accepted(cluster_.shed(order.uid, order.share), "shed", order.uid) && all;
  }
  return all;
}

void ControlLoop::apply_replicas(int wanted, int current, const std::string& reason) {
  Result<void> result = cluster_.set_replicas(wanted);
  if (!result && result.error().kind == ErrorKind::conflict) {
    // Somebody else changed the object meanwhile: read it again, then once more.
    const Result<ClusterState> fresh = cluster_.state();
    if (fresh && fresh->replicas == wanted) return;
    if (fresh) {
      current = fresh->replicas;
      result = cluster_.set_replicas(wanted);
    } else {
      result = tl::unexpected<Error>(fresh.error());
    }
  }
  if (!accepted(result, "set_replicas", "")) return;
  ++(wanted > current ? summary_.scale_ups : summary_.scale_downs);
  event("scaled", fmt::format("{} to {} replicas: {}", current, wanted, reason));
}

// True also for a verb that the backend can't do at all: that is told once, and never in the way.
bool ControlLoop::accepted(const Result<void>& result, const std::string& verb,
                           const std::string& uid) {
  if (result) return true;
  if (result.error().kind == ErrorKind::unsupported) {
    if (unsupported_verbs_.insert(verb).second) {
      summary_.notices.push_back(verb + " is not supported here: " + result.error().message);
      event("scaler_notice", summary_.notices.back());
    }
    return true;
  }
  ++summary_.apply_errors;
  event("scaler_error", verb + " failed: " + result.error().message, uid);
  return false;
}

void ControlLoop::event(std::string kind, std::string detail, std::string uid) {
  FleetEvent fleet_event;
  fleet_event.time = clock_.now();
  fleet_event.kind = std::move(kind);
  fleet_event.uid = std::move(uid);
  fleet_event.detail = std::move(detail);
  recorder_.event(fleet_event);
}

}  // namespace

Result<ControlLoopSummary> run_control_loop(Policy& policy, const ControlLoopSettings& settings,
                                            Clock& clock, Cluster& cluster, Metrics& metrics,
                                            Recorder& recorder) {
  if (settings.interval <= 0) {
    return fail(ErrorKind::configuration, "the control loop's interval must be over 0");
  }
  if (settings.min_replicas < 0 || settings.max_replicas < settings.min_replicas) {
    return fail(ErrorKind::configuration,
                fmt::format("the control loop's bounds make no sense: {} to {}",
                            settings.min_replicas, settings.max_replicas));
  }
  return ControlLoop(policy, settings, clock, cluster, metrics, recorder).run();
}

}  // namespace wsfleet
