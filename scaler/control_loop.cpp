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
  Hold hold(const Observation& observation);
  void apply(const Decision& decision, int current, const Hold& hold);
  bool apply_deletion_costs(const Decision& decision);
  bool apply_drains(const Decision& decision);
  bool apply_sheds(const Decision& decision);
  void apply_replicas(const Decision& decision, int current, const Hold& hold);
  bool accepted(const Result<void>& result, const std::string& verb, const std::string& uid);
  void event(std::string kind, std::string detail, std::string uid = {});
  void event(FleetEvent told);

  Policy& policy_;
  const ControlLoopSettings& settings_;
  Clock& clock_;
  Cluster& cluster_;
  Metrics& metrics_;
  Recorder& recorder_;
  ControlLoopSummary summary_;
  std::set<std::string> unsupported_verbs_;
  bool metrics_lost_ = false;
  bool refused_ = false;   // in this tick: leadership went while it was being carried out
  std::string told_hold_;  // the reason that was told last; "" for none
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
    ++summary_.blind;
    event("scaler_blind", "the cluster can't be read: " + state.error().message);
    return;
  }
  const Observation observation = observe(time, std::move(*state));
  Decision decision = policy_.decide(observation);
  ++summary_.decisions;
  clamp(decision);
  const Hold held = hold(observation);
  const Decision permitted = hold_back(held, observation.replicas, decision);
  decision.held = permitted.held;
  if (decision.held) ++summary_.held;
  recorder_.decision(observation, decision);
  apply(permitted, observation.replicas, held);
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

// A hold on doubt is told when it begins and when it ends; decisions.ndjson has what was held.
Hold ControlLoop::hold(const Observation& observation) {
  const Result<void> may_act =
      settings_.may_act ? settings_.may_act(observation.time_s) : Result<void>();
  Hold hold = hold_for(observation, settings_.hold, may_act);
  if (may_act && hold.reason != told_hold_) {
    told_hold_ = hold.reason;
    const bool is_over = hold.permit == Permit::all;
    event(is_over ? "hold_over" : "holding",
          is_over ? "decisions are carried out again" : hold.reason + ": " + hold.text);
  }
  return hold;
}

// What prepares a removal comes before it: which pods cost most to delete, which ones drain. Where
// that failed a scale-down waits for the next tick, as it could hit the wrong pods.
void ControlLoop::apply(const Decision& decision, int current, const Hold& hold) {
  refused_ = false;
  const bool costs_set = apply_deletion_costs(decision);
  const bool drains_begun = apply_drains(decision);
  apply_sheds(decision);
  if (!decision.replicas || *decision.replicas == current || refused_) return;
  if (*decision.replicas < current && !(costs_set && drains_begun)) {
    event("scaler_error", fmt::format("scale-down from {} to {} waits: it could not be prepared",
                                      current, *decision.replicas));
    return;
  }
  apply_replicas(decision, current, hold);
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

void ControlLoop::apply_replicas(const Decision& decision, int current, const Hold& hold) {
  const int wanted = *decision.replicas;
  Result<void> result = cluster_.set_replicas(wanted);
  if (!result && result.error().kind == ErrorKind::conflict) {
    // Somebody else changed the object meanwhile: read it again, then once more.
    const Result<ClusterState> fresh = cluster_.state();
    if (fresh && fresh->replicas == wanted) return;
    if (fresh) {
      current = fresh->replicas;
      // What was a scale-up may be none any more.
      if (!permits(hold.permit, current, wanted)) {
        if (!decision.held) ++summary_.held;
        return event("held", fmt::format("{} to {} replicas: {}", current, wanted, hold.text));
      }
      result = cluster_.set_replicas(wanted);
    } else {
      result = tl::unexpected<Error>(fresh.error());
    }
  }
  if (!accepted(result, "set_replicas", "")) return;
  const bool would = !result && result.error().kind == ErrorKind::dry_run;
  if (!result && !would) return;
  if (result) ++(wanted > current ? summary_.scale_ups : summary_.scale_downs);
  FleetEvent scaled;
  scaled.kind = would ? "would_scale" : "scaled";
  scaled.detail = fmt::format("{} to {} replicas: {}", current, wanted, decision.reason);
  scaled.replicas_from = current;
  scaled.replicas_to = wanted;
  event(std::move(scaled));
}

// True also for what was not done and is in nobody's way: a verb that the backend can't do at all,
// which is told once, and what a dry run leaves undone.
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
  if (result.error().kind == ErrorKind::dry_run) return true;
  if (result.error().kind == ErrorKind::not_leading) {
    if (!refused_) event("not_leading", verb + ": " + result.error().message, uid);
    refused_ = true;
    return false;
  }
  ++summary_.apply_errors;
  event("scaler_error", verb + " failed: " + result.error().message, uid);
  return false;
}

void ControlLoop::event(std::string kind, std::string detail, std::string uid) {
  FleetEvent told;
  told.kind = std::move(kind);
  told.uid = std::move(uid);
  told.detail = std::move(detail);
  event(std::move(told));
}

void ControlLoop::event(FleetEvent told) {
  told.time = clock_.now();
  recorder_.event(told);
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
