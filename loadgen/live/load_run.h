// SPDX-License-Identifier: Apache-2.0
#pragma once
// A load run from its options to its report: resolves the targets, starts the workers on threads of
// their own, shows where they are, and merges what they counted. Blocks the calling thread.

#include "core/result.h"
#include "loadgen/live/figures/load_report.h"
#include "loadgen/live/options/load_options.h"

namespace wsfleet {

/// Stops early on stop_requested() (core/live/stop.h), with what was recorded.
/// `choices` are for --targets-file.
Result<LoadReport> run_load(const LoadOptions& options, const TargetChoices& choices);

}  // namespace wsfleet
