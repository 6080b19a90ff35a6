// SPDX-License-Identifier: Apache-2.0
#pragma once
// Makes reports of what results/ knows: a run or a comparison, and the series of one run of each
// policy, from a recorder's rows or from a stored series.csv. Pure.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "results/compare/comparison.h"
#include "results/record/run_recorder.h"
#include "results/record/series.h"
#include "results/report/data/report_data.h"
#include "results/summary/run_summary.h"

namespace wsfleet {

/// The run of one policy that the charts show. All runs of a report have the same interval.
struct ReportRun {
  std::string policy;
  std::uint64_t seed = 0;
  Series series;                   // one second a row, or what series.csv has
  std::vector<FleetEvent> events;  // may be empty: then no faults are marked
};

/// One second a row, so that the charts miss no peak.
ReportRun make_report_run(std::string policy, std::uint64_t seed, const RunRecorder& recorder,
                          const Objective& objective);

struct ReportContext {
  std::string description;     // the scenario's own words
  std::string recommendation;  // the closing sentence; "" for none
  RunDetails details;          // version, scenario text, times, objective
  std::vector<std::string> notices;
};

ReportData build_run_report(const RunSummary& summary, const ReportRun& run,
                            const ReportContext& context);

/// `runs`: for each policy of the comparison, in its order, one run, usually its first seed. A
/// policy without one (no entry of its name) is in the table and not in the charts, and a notice
/// says so.
ReportData build_comparison_report(const ScenarioComparison& comparison,
                                   std::span<const ReportRun> runs, const ReportContext& context);

/// "1 to 10", "1, 3 and 8", "7".
std::string seeds_text(const std::vector<std::uint64_t>& seeds);

}  // namespace wsfleet
