// SPDX-License-Identifier: Apache-2.0
#pragma once
// Writes a report where the options want it: JSON, CSV, the summary, warnings and missed
// thresholds.

#include "core/result.h"
#include "loadgen/live/load_options.h"
#include "loadgen/live/load_report.h"

namespace wsfleet {

/// Data on stdout, messages on stderr. An error names the file and the system's reason; what could
/// be written was.
Result<void> write_outputs(const LoadReport& report, const LoadOptions& options);

}  // namespace wsfleet
