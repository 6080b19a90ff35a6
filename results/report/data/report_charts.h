// SPDX-License-Identifier: Apache-2.0
#pragma once
// The charts of a report: which columns of the series each one shows, how they are thinned out, and
// the sentence that says how to read it. Pure.

#include <span>
#include <string>
#include <vector>

#include "results/record/series.h"
#include "results/report/data/report_data.h"

namespace wsfleet {

/// What the charts draw for one policy; `policy` is its index in ReportData::policies.
struct ChartSource {
  int policy = 0;
  const Series* series = nullptr;
};

/// Rows are `interval_s` apart (the time of the first row); shorter runs end early. Charts about
/// something that never happened in the runs (messages, sheds, failures) are left out.
std::vector<ReportChart> build_charts(std::span<const ChartSource> sources);

/// Where spec_replicas rose or fell, at most one each way per step of the replica chart.
std::vector<ReportMarker> scale_markers(const ChartSource& source, double step_s);

}  // namespace wsfleet
