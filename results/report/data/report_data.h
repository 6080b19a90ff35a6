// SPDX-License-Identifier: Apache-2.0
#pragma once
// What an HTML report shows: texts, a score table, and charts whose lines are already thinned out.
// report_builder.h makes it from runs and comparisons, html_report.h writes it. A single run is a
// report with one policy. Plain values; no threading.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "results/compare/statistics.h"
#include "results/summary/expectations.h"
#include "results/summary/scores.h"

namespace wsfleet {

inline constexpr int kSharedByPolicies = -1;

enum class LineStyle { solid, dashed, dotted, area };

struct ReportLine {
  std::string label;  // "ready"; the policy's name is added where it is shown
  LineStyle style = LineStyle::solid;
  int policy = kSharedByPolicies;  // index into ReportData::policies
  std::vector<double> values;      // one per step of the chart; NaN where there is nothing to draw
};

struct ReportChart {
  std::string id;              // of the element: "replicas"; letters, digits and '-'
  std::string title;           // "Replicas"
  std::string reading;         // one sentence: how to read it
  std::string unit;            // of the values: "pods", "%", "per second"
  double step_s = 1;           // value i is about the time up to (i + 1) * step_s
  bool stepped = false;        // levels that jump: draw stairs
  bool shows_scaling = false;  // small triangles where a policy changed the replicas
  std::vector<ReportLine> lines;
};

enum class MarkerKind { fault, scale_up, scale_down };

struct ReportMarker {
  double time_s = 0;
  MarkerKind kind = MarkerKind::fault;
  int policy = kSharedByPolicies;
  std::string label;  // "pod_kill: 3 pods"
};

/// One row of the score table; `estimates` and `differences` are parallel to the policies.
struct ReportScore {
  std::string name;     // "refused_share"
  std::string unit;     // "" for plain counts
  std::string meaning;  // one line
  Better better = Better::neither;
  bool unknown = false;    // a single run could not measure it
  bool important = false;  // shown at once; the others are folded away
  std::vector<Estimate> estimates;
  std::vector<Difference> differences;  // to the first policy
};

struct ReportPolicy {
  std::string name;  // as the user named it
};

struct ReportData {
  std::string title;           // "flash-crowd: original, hpa and oracle compared"
  std::string scenario;        // its name
  std::string description;     // its own words
  std::string recommendation;  // the closing sentence; "" for none
  std::string scenario_text;   // the file with overrides applied; "" for none
  std::vector<std::pair<std::string, std::string>> facts;  // {"Seeds", "1 to 10"}, in this order
  std::vector<std::string> notices;
  std::vector<ExpectResult> expectations;  // of a single run
  std::vector<ReportPolicy> policies;      // the first is what the others are compared with
  std::vector<ReportScore> scores;
  std::string series_caption;  // whose run the charts show: "Seed 1 of 10"
  double duration_s = 0;
  double warmup_s = 0;  // recorded, not scored: shaded in the charts
  std::vector<ReportChart> charts;
  std::vector<ReportMarker> markers;
};

}  // namespace wsfleet
