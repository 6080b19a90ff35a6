// SPDX-License-Identifier: Apache-2.0
#pragma once
// Writes a report where the options want it: JSON, CSV, the summary, warnings and missed
// thresholds.

#include "core/result.h"
#include "loadgen/live/figures/load_report.h"
#include "loadgen/live/options/load_options.h"

namespace wsfleet {

/// Data on stdout, messages on stderr. An error names the file and the system's reason; what could
/// be written was.
Result<void> write_outputs(const LoadReport& report, const LoadOptions& options);

}  // namespace wsfleet
