// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a load run leaves: one JSON object, and a summary for people. Pure.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/time.h"
#include "loadgen/live/figures/figures.h"
#include "loadgen/live/figures/load_scores.h"
#include "loadgen/live/figures/session_log.h"

namespace wsfleet {

struct LoadReport {
  std::vector<std::string> targets;
  std::string scenario;  // "" without
  std::uint64_t seed = 1;
  std::string shard = "0/1";  // "0/2+1/2" after a merge
  std::string started;        // wall time of t = 0, RFC 3339
  double duration_s = 0;      // recorded
  bool stopped = false;       // by the user
  LoadFigures figures;
  std::vector<SessionLogEntry> session_log;  // of a run with --session-log; not in the JSON

  LoadScores scores;
  std::vector<ThresholdResult> thresholds;
  std::vector<std::string> warnings;
};

/// Fills in scores, threshold results and warnings.
void judge(LoadReport& report, const std::vector<Threshold>& thresholds);

nlohmann::json report_to_json(const LoadReport& report);
/// What merge needs; thresholds are evaluated anew.
Result<LoadReport> report_from_json(const nlohmann::json& json);
/// Adds a shard's report; an error when it is of another run.
Result<void> merge_report(LoadReport& report, const LoadReport& other);

std::string summary_text(const LoadReport& report, bool color);

}  // namespace wsfleet
