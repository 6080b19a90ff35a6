// SPDX-License-Identifier: Apache-2.0
#pragma once
// The HTML report: one self-contained file that opens offline (docs/formats/report.md).
// Thread-safe.

#include <string>

#include "core/result.h"
#include "results/report/data/report_data.h"

namespace wsfleet {

/// The whole page. The same data gives the same bytes.
std::string render_report(const ReportData& data);

/// Writes the page beside `path` and renames it into place; replaces a file that is there. Errors
/// carry the path and the system's reason, and leave nothing behind.
Result<void> write_report(const ReportData& data, const std::string& path);

}  // namespace wsfleet
