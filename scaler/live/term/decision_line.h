// SPDX-License-Identifier: Apache-2.0
#pragma once
// The lines that tell of a decision and of what the control loop told: a line of decisions.ndjson
// or events.ndjson (docs/formats/results.md) and who said so when. Pure.

#include <string>

#include "core/seam/fleet_event.h"
#include "core/seam/observation.h"

namespace wsfleet {

struct DecisionFrame {
  TimeNs at = 0;       // since 1970
  std::string leader;  // who decided
  bool dry_run = false;
};

/// With its end. `wsfleet decide` and readers of decisions.ndjson ignore what is added.
std::string decision_line(const Observation& observation, const Decision& decision,
                          const DecisionFrame& frame);

/// The same of an event; it is no answer to an observation and has `event` instead of `decision`.
std::string event_line(const FleetEvent& event, const DecisionFrame& frame);

}  // namespace wsfleet
