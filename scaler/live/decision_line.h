// SPDX-License-Identifier: Apache-2.0
#pragma once
// The line that tells of a decision: a line of decisions.ndjson (docs/formats/results.md) and who
// decided when. Pure.

#include <string>

#include "core/observation.h"

namespace wsfleet {

struct DecisionFrame {
  TimeNs at = 0;       // since 1970
  std::string leader;  // who decided
  bool dry_run = false;
};

/// With its end. `wsfleet decide` and readers of decisions.ndjson ignore what is added.
std::string decision_line(const Observation& observation, const Decision& decision,
                          const DecisionFrame& frame);

}  // namespace wsfleet
