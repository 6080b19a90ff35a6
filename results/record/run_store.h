// SPDX-License-Identifier: Apache-2.0
#pragma once
// runs.sqlite: one row per run of a comparison or sweep, each score a column, for SQL and for
// --baseline. The only user of SQLite. Not thread-safe.

#include <string>
#include <vector>

#include "core/result.h"
#include "results/summary/run_summary.h"

namespace wsfleet {

/// Writes a new file next to `path` and renames it: a reader never sees half of it. Wall-clock
/// times are left out, so the same runs give the same rows.
Result<void> write_run_store(const std::string& path, const std::vector<RunSummary>& runs);
/// Rows in the order in which they were written; infinite scores are infinite again, NULL is NaN.
Result<std::vector<RunSummary>> read_run_store(const std::string& path);

}  // namespace wsfleet
