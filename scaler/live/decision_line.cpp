// SPDX-License-Identifier: Apache-2.0
#include "scaler/live/decision_line.h"

#include <nlohmann/json.hpp>

#include "core/live_clock.h"

namespace wsfleet {

std::string decision_line(const Observation& observation, const Decision& decision,
                          const DecisionFrame& frame) {
  nlohmann::json line = decision_record(observation, decision);
  line["at"] = format_utc(frame.at);
  line["leader"] = frame.leader;
  line["dry_run"] = frame.dry_run;
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace wsfleet
