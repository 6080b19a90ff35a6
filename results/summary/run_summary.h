// SPDX-License-Identifier: Apache-2.0
#pragma once
// RunSummary: one run in one JSON object, format 1 (docs/formats/results.md). `wsfleet run --json`
// prints it, children of `compare` send it to their parent, run.json extends it with what it takes
// to understand and repeat the run. Plain values; no threading.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/seam/demand.h"
#include "core/seam/run_record.h"
#include "results/summary/expectations.h"
#include "results/summary/scores.h"

namespace wsfleet {

inline constexpr int kResultsFormat = 1;

struct RunSummary {
  std::string scenario;
  std::string policy;  // as the user named it, with its own settings: "hpa:target_connections=300"
  std::uint64_t seed = 0;
  std::string backend = "simulated";
  double simulated_s = 0;  // what was recorded; less than the scenario's duration when stopped
  double wall_s = 0;
  std::int64_t events = 0;
  std::int64_t decisions = 0;
  std::int64_t held_decisions = 0;  // of which something was held back
  Scores scores;
  std::vector<ExpectResult> expect;
  std::string directory;  // "" when nothing was written
  bool stopped = false;   // by the user, before its end
  std::vector<std::string> notices;
};

/// Keys in the documented order. Infinite scores are null and named in "infinite_scores", those
/// that the world could not know in "unknown_scores"; other null scores had nothing to measure.
nlohmann::ordered_json to_json(const RunSummary& summary);
/// One line, no trailing newline.
std::string to_json_line(const RunSummary& summary);
Result<RunSummary> run_summary_from_json(const nlohmann::ordered_json& json);
Result<RunSummary> parse_run_summary(std::string_view text);

/// What run.json has beyond the summary.
struct RunDetails {
  std::string version;        // of wsfleet
  std::string scenario_text;  // overrides applied
  TimeNs duration = 0;
  TimeNs warmup = 0;
  TimeNs scrape_interval = 0;
  Objective objective;
  std::string run_by = "autoscaler";  // or "wsfleet-scaler"; who ran the policy
};

/// run.json, pretty-printed. Without "directory": the file is where it is.
std::string run_json_text(const RunSummary& summary, const RunDetails& details,
                          const RunFigures& figures, const ClientHistograms& clients);

/// run.json read back, for `report`.
struct StoredRun {
  RunSummary summary;  // directory is the one it was read from
  RunDetails details;
  RunFigures figures;
  ClientHistograms clients;
};
Result<StoredRun> read_run_directory(const std::string& directory);

}  // namespace wsfleet
