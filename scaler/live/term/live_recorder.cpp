// SPDX-License-Identifier: Apache-2.0
#include "scaler/live/term/live_recorder.h"

#include <array>
#include <string_view>
#include <utility>

#include "core/live/live_clock.h"
#include "scaler/live/term/decision_line.h"

namespace wsfleet {
namespace {

/// What a kind of event is to those who watch the scaler.
struct Meaning {
  std::string_view kind;
  const char* held;   // reason that is counted, or null
  const char* error;  // source that is counted, or null
  bool warning;
};
constexpr std::array kMeanings{Meaning{"held", "conflict", nullptr, false},
                               Meaning{"holding", nullptr, nullptr, true},
                               Meaning{"metrics_lost", nullptr, nullptr, true},
                               Meaning{"not_leading", "not_leading", nullptr, true},
                               Meaning{"scaler_blind", "api", "api", true},
                               Meaning{"scaler_error", nullptr, "apply", true}};

Meaning meaning_of(std::string_view kind) {
  for (const Meaning& meaning : kMeanings) {
    if (meaning.kind == kind) return meaning;
  }
  return {kind, nullptr, nullptr, false};
}

}  // namespace

LiveRecorder::LiveRecorder(LiveRecorderSettings settings, ScalerFleet& fleet, ScalerStatus& status,
                           EventLog& log)
    : settings_(std::move(settings)), fleet_(fleet), status_(status), log_(log) {}

void LiveRecorder::decision(const Observation& observation, const Decision& decision) {
  status_.heard();
  if (observation.metrics == MetricsStatus::error) status_.error("metrics");
  if (decision.held) status_.held(decision.held->reason);
  const TimeNs now = wall_now();
  status_.decided(observation.replicas, decision.replicas.value_or(observation.replicas), now);
  settings_.print(decision_line(observation, decision, frame_of(now)));
}

DecisionFrame LiveRecorder::frame_of(TimeNs now) const {
  return {.at = now, .leader = settings_.identity, .dry_run = settings_.dry_run};
}

void LiveRecorder::event(const FleetEvent& event) {
  const Meaning meaning = meaning_of(event.kind);
  if (meaning.held != nullptr) status_.held(meaning.held);
  if (meaning.error != nullptr) status_.error(meaning.error);
  if (event.kind == "scaled") status_.scaled(event.replicas_to > event.replicas_from);
  log_.write(meaning.warning ? LogLevel::warning : LogLevel::info, event.kind,
             {{"time_s", to_seconds(event.time)}, {"uid", event.uid}, {"detail", event.detail}});
  settings_.print(event_line(event, frame_of(wall_now())));
  if (!settings_.dry_run) tell(event);
}

/// As Events of the cluster.
void LiveRecorder::tell(const FleetEvent& event) {
  if (event.kind == "scaled") {
    const bool up = event.replicas_to > event.replicas_from;
    fleet_.tell(up ? "ScaledUp" : "ScaledDown", event.detail, false);
  } else if (event.kind == "holding") {
    fleet_.tell("Holding", "only scale-ups are carried out: " + event.detail, true);
  } else if (event.kind == "hold_over") {
    fleet_.tell("HoldOver", event.detail, false);
  }
}

}  // namespace wsfleet
