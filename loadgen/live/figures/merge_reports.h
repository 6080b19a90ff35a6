// SPDX-License-Identifier: Apache-2.0
#pragma once
// `wsfleet-loadgen merge`: the outputs of a run's shards become one.

#include <string>
#include <vector>

#include "core/result.h"
#include "loadgen/live/figures/load_report.h"

namespace wsfleet {

/// An error names the file and what is wrong with it.
Result<LoadReport> merge_reports(const std::vector<std::string>& files,
                                 const std::vector<Threshold>& thresholds);

}  // namespace wsfleet
