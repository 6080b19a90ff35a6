// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/experiment/watch/followed_scaler.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace wsfleet {
namespace {

using nlohmann::json;

constexpr TimeNs kLook = kSecond / 4;

TimeNs time_of(const ScalerLine& line) {
  if (const auto* made = std::get_if<ScalerDecision>(&line)) {
    return from_seconds(made->observation.time_s);
  }
  return std::get<FleetEvent>(line).time;
}

}  // namespace

std::optional<ScalerLine> scaler_line(std::string_view line) {
  if (!line.starts_with('{')) return std::nullopt;
  const json object = json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) return std::nullopt;
  if (object.contains("event")) {
    auto event = event_from_json(object["event"]);
    if (!event) return std::nullopt;
    return std::move(*event);
  }
  if (!object.contains("decision")) return std::nullopt;
  auto observation = observation_from_json(object);
  auto decision = decision_from_record(object);
  if (!observation || !decision) return std::nullopt;
  return ScalerDecision{std::move(*observation), std::move(*decision)};
}

FollowedScaler::FollowedScaler(Clock& clock, TimeNs end, std::function<void()> last_lines)
    : clock_(clock), end_(end), last_lines_(std::move(last_lines)) {}

void FollowedScaler::line(std::string_view text) {
  auto told = scaler_line(text);
  if (!told) return;
  const std::lock_guard lock(mutex_);
  waiting_.push_back(std::move(*told));
}

Result<void> FollowedScaler::follow(Recorder& recorder) {
  while (clock_.sleep_until(clock_.now() + kLook)) hand_on(recorder, end_);
  const TimeNs over = std::min(clock_.now(), end_);  // earlier where the user stopped it
  last_lines_();
  hand_on(recorder, over);
  return {};
}

void FollowedScaler::hand_on(Recorder& recorder, TimeNs end) {
  std::vector<ScalerLine> lines;
  {
    const std::lock_guard lock(mutex_);
    lines.swap(waiting_);
  }
  for (const ScalerLine& line : lines) {
    if (time_of(line) >= end) continue;
    if (const auto* made = std::get_if<ScalerDecision>(&line)) {
      recorder.decision(made->observation, made->decision);
    } else {
      recorder.event(std::get<FleetEvent>(line));
    }
  }
}

}  // namespace wsfleet
