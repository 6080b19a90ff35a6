// SPDX-License-Identifier: Apache-2.0
#pragma once
// `wsfleet decide`: observations as NDJSON in, decisions as NDJSON out, one line for one line, the
// policy's state carrying over. docs/formats/observations.md describes the lines. Single-threaded.

#include <istream>
#include <ostream>

#include "core/result.h"
#include "scaler/policies/policy.h"

namespace wsfleet {

/// A line is an observation, or an object with an "observation" in it (a line of decisions.ndjson).
/// Blank lines are skipped, and those with an "event": a scaler's log is read as it is. The first
/// line that can't be read ends it with ErrorKind::failed, whose message begins with "line N: ";
/// decisions up to there have been written.
Result<void> decide_stream(std::istream& in, std::ostream& out, Policy& policy);

}  // namespace wsfleet
