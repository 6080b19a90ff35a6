// SPDX-License-Identifier: Apache-2.0
#pragma once
// For tests only: a fleet in a few lines of difference equations, whose runs look like real ones,
// so that a report can be looked at without a simulator. Pure.

#include <cstdint>
#include <string>
#include <vector>

#include "core/seam/demand.h"
#include "core/seam/run_record.h"
#include "results/report/data/report_builder.h"

namespace wsfleet {

struct SampleRun {
  RunSummary summary;
  std::vector<SecondRow> rows;
  std::vector<FleetEvent> events;
};

/// A flash crowd of one hour with a pod_kill at 40 min; `policy` is "original", "hpa" or "oracle".
SampleRun sample_run(const std::string& policy, std::uint64_t seed);

Objective sample_objective();
RunDetails sample_details();
ReportRun sample_report_run(const SampleRun& run);
/// All policies over the seeds 1 to `seeds`.
ReportData sample_comparison(const std::vector<std::string>& policies, int seeds);

}  // namespace wsfleet
