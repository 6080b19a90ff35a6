// SPDX-License-Identifier: Apache-2.0
#pragma once
// The HTML reports of runs and comparisons, for the verbs that write them. One page per scenario.

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "results/compare/comparison.h"
#include "results/report/data/report_builder.h"

namespace wsfleet {

/// The run that a chart shows for one policy of one scenario, with what its scenario said.
struct ShownRun {
  std::string scenario;
  ReportRun run;
  RunDetails details;
};

/// Reads a results directory of `run`, or one below runs/ of a comparison.
Result<ShownRun> read_shown_run(const std::string& directory);

/// The page's file name: "report.html", or "report-<scenario>.html" where there are several.
std::string report_name(const Comparison& comparison, std::size_t scenario);

ReportData comparison_report(const ScenarioComparison& comparison,
                             const std::vector<ShownRun>& shown);

/// `description` of a scenario's text, "" when there is none.
std::string description_in(std::string_view scenario_text);

}  // namespace wsfleet
