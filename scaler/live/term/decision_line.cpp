// SPDX-License-Identifier: Apache-2.0
#include "scaler/live/term/decision_line.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "core/live/live_clock.h"

namespace wsfleet {
namespace {

std::string framed(nlohmann::json line, const DecisionFrame& frame) {
  line["at"] = format_utc(frame.at);
  line["leader"] = frame.leader;
  line["dry_run"] = frame.dry_run;
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string decision_line(const Observation& observation, const Decision& decision,
                          const DecisionFrame& frame) {
  return framed(decision_record(observation, decision), frame);
}

std::string event_line(const FleetEvent& event, const DecisionFrame& frame) {
  return framed({{"event", to_json(event)}}, frame);
}

}  // namespace wsfleet
