// SPDX-License-Identifier: Apache-2.0
#include "scaler/live/live_recorder.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "core/live_clock.h"
#include "scaler/live/decision_line.h"

namespace wsfleet {

LiveRecorder::LiveRecorder(LiveRecorderSettings settings, const Policy& policy,
                           Leadership& leadership, ScalerFleet& fleet, GuardedCluster& cluster,
                           ScalerStatus& status, EventLog& log)
    : settings_(std::move(settings)),
      policy_(policy),
      leadership_(leadership),
      fleet_(fleet),
      cluster_(cluster),
      status_(status),
      log_(log) {}

void LiveRecorder::decision(const Observation& observation, const Decision& decision) {
  status_.heard();
  if (observation.metrics == MetricsStatus::error) status_.error("metrics");
  const bool leads = leave_memory(observation.time_s);
  const Hold hold = hold_of(observation, leads);
  cluster_.arm(hold.permit);
  const bool withheld = withholds(hold, observation, decision);
  if (withheld) status_.held(hold.reason);
  const TimeNs now = wall_now();
  status_.decided(observation.replicas, decision.replicas.value_or(observation.replicas), now);
  DecisionFrame frame = frame_of(now);
  frame.held = withheld ? &hold : nullptr;
  settings_.print(decision_line(observation, decision, frame));
  if (leads) tell_hold(hold);
}

DecisionFrame LiveRecorder::frame_of(TimeNs now) const {
  return {.at = now, .leader = settings_.identity, .dry_run = settings_.dry_run};
}

// False: another one leads by now. Not being able to write is no proof of that; the Lease's own
// deadline ends leadership then, and the next leader begins with an older memory.
bool LiveRecorder::leave_memory(double time_s) {
  if (settings_.dry_run) return true;
  const Result<void> left = leadership_.hand_over(
      {settings_.policy.epoch, save_state(settings_.policy, time_s, policy_.state())});
  if (!left) {
    status_.error("lease");
    if (left.error().message != last_error_) {
      log_.write(LogLevel::warning, "memory_not_left", {{"error", left.error().message}});
    }
  }
  last_error_ = left ? "" : left.error().message;
  return (left || left.error().kind != ErrorKind::conflict) && leadership_.leading();
}

Hold LiveRecorder::hold_of(const Observation& observation, bool leads) const {
  if (!leads) {
    return {Permit::nothing, "not_leading", "this scaler does not lead any more"};
  }
  const Hold missing = hold_on_missing_data(observation);
  if (observation.time_s >= settings_.hold_until_s) return missing;
  return stricter(missing, {Permit::scale_up, "new_leader", settings_.hold_text});
}

// Only a change is told: a hold lasts many ticks.
void LiveRecorder::tell_hold(const Hold& hold) {
  if (hold.reason == told_hold_) return;
  told_hold_ = hold.reason;
  if (hold.permit == Permit::all) {
    log_.write(LogLevel::info, "hold_over");
    if (!settings_.dry_run) fleet_.tell("HoldOver", "decisions are carried out again", false);
    return;
  }
  log_.write(LogLevel::warning, "holding", {{"reason", hold.reason}, {"why", hold.text}});
  if (!settings_.dry_run) {
    fleet_.tell("Holding", "only scale-ups are carried out: " + hold.text, true);
  }
}

void LiveRecorder::event(const FleetEvent& event) {
  if (event.kind == "scaled") return tell_scaling(event);
  const bool is_error = event.kind == "scaler_error";
  const bool is_unread = is_error && event.detail.starts_with("the cluster can't be read");
  if (is_unread) {
    status_.error("api");
    status_.held("api");
  } else if (is_error) {
    status_.error("apply");
  }
  const bool is_bad = is_error || event.kind == "metrics_lost";
  log_.write(is_bad ? LogLevel::warning : LogLevel::info, event.kind,
             {{"time_s", to_seconds(event.time)}, {"uid", event.uid}, {"detail", event.detail}});
  settings_.print(event_line(event, frame_of(wall_now())));
}

// The loop takes a write that was held back for done.
void LiveRecorder::tell_scaling(const FleetEvent& event) {
  const auto& scaling = cluster_.last_scaling();
  if (!scaling) return;
  if (!scaling->done) {
    log_.write(LogLevel::info, settings_.dry_run ? "would_scale" : "held",
               {{"detail", event.detail}});
    return;
  }
  const bool up = scaling->to > scaling->from;
  status_.scaled(up);
  log_.write(LogLevel::info, "scaled",
             {{"from", scaling->from}, {"to", scaling->to}, {"detail", event.detail}});
  fleet_.tell(up ? "ScaledUp" : "ScaledDown", event.detail, false);
  settings_.print(event_line(event, frame_of(wall_now())));
}

}  // namespace wsfleet
