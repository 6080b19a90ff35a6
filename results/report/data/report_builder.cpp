// SPDX-License-Identifier: Apache-2.0
#include "results/report/data/report_builder.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include "core/time.h"
#include "results/report/data/report_charts.h"

namespace wsfleet {
namespace {

// What decides which policy to use; the rest of the table is folded away.
constexpr std::array<std::string_view, 9> kImportantScores{"violation_s",
                                                           "refused_share",
                                                           "sessions_lost",
                                                           "connections_cut_by_scaling",
                                                           "connections_moved_by_scaling",
                                                           "reconnects_peak_per_second",
                                                           "time_to_connect_p99_s",
                                                           "message_latency_p99_s",
                                                           "pod_hours"};

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " and " : ", ";
    text += names[i];
  }
  return text;
}

ReportScore make_score(const std::string& name) {
  ReportScore score;
  score.name = name;
  if (const ScoreEntry* entry = find_score(name)) {
    score.unit = entry->unit;
    score.meaning = entry->meaning;
    score.better = entry->better;
  }
  score.important = std::ranges::find(kImportantScores, name) != kImportantScores.end();
  return score;
}

// The important ones in the order above, then the others in the order of the score table.
void sort_scores(std::vector<ReportScore>& scores) {
  const auto rank = [](const ReportScore& score) {
    return std::ranges::find(kImportantScores, score.name) - kImportantScores.begin();
  };
  std::ranges::stable_sort(scores, {}, rank);
}

std::string objective_text(const Objective& objective) {
  return std::to_string(objective.connections_per_pod) + " connections per pod, connected within " +
         format_duration(objective.time_to_connect) + ", messages within " +
         format_duration(objective.message_latency);
}

void add_context(ReportData& data, const ReportContext& context, const std::string& backend) {
  data.description = context.description;
  data.recommendation = context.recommendation;
  data.scenario_text = context.details.scenario_text;
  data.notices.insert(data.notices.end(), context.notices.begin(), context.notices.end());
  data.warmup_s = to_seconds(context.details.warmup);
  data.facts.emplace_back("Simulated time", format_duration(context.details.duration));
  data.facts.emplace_back("Warm-up, not scored", format_duration(context.details.warmup));
  data.facts.emplace_back("Objective", objective_text(context.details.objective));
  data.facts.emplace_back("Backend", backend);
  if (!context.details.version.empty()) data.facts.emplace_back("wsfleet", context.details.version);
}

// The same fault hits all policies: mark it once.
void add_faults(ReportData& data, const ReportRun& run) {
  for (const FleetEvent& event : run.events) {
    if (event.kind != "fault") continue;
    const ReportMarker marker{to_seconds(event.time), MarkerKind::fault, kSharedByPolicies,
                              event.detail.empty() ? "fault" : event.detail};
    const bool known = std::ranges::any_of(data.markers, [&](const ReportMarker& other) {
      return other.kind == marker.kind && other.time_s == marker.time_s &&
             other.label == marker.label;
    });
    if (!known) data.markers.push_back(marker);
  }
}

void add_charts(ReportData& data, const std::vector<ChartSource>& sources,
                const std::vector<const ReportRun*>& runs) {
  for (const ChartSource& source : sources) {
    const auto times = source.series->column("time_s");
    if (!times.empty()) data.duration_s = std::max(data.duration_s, times.back());
  }
  if (!sources.empty()) data.charts = build_charts(sources);
  for (const ReportRun* run : runs) add_faults(data, *run);
  std::ranges::stable_sort(data.markers, {}, &ReportMarker::time_s);
  if (data.charts.empty()) return;
  for (const ChartSource& source : sources) {
    auto markers = scale_markers(source, data.charts.front().step_s);
    std::ranges::move(markers, std::back_inserter(data.markers));
  }
}

std::string caption(const std::vector<const ReportRun*>& runs, std::size_t seeds) {
  if (runs.empty()) return {};
  std::vector<std::uint64_t> shown;
  for (const ReportRun* run : runs) {
    if (std::ranges::find(shown, run->seed) == shown.end()) shown.push_back(run->seed);
  }
  std::string text = "The charts show seed " + seeds_text(shown);
  if (seeds > 1) text += " of " + std::to_string(seeds) + " seeds; the table above is about all";
  return text + (runs.size() > 1 && shown.size() == 1
                     ? ". Every policy meets the very same clients."
                     : ".");
}

}  // namespace

std::string seeds_text(const std::vector<std::uint64_t>& seeds) {
  bool consecutive = seeds.size() > 2;
  for (std::size_t i = 1; i < seeds.size(); ++i) {
    consecutive = consecutive && seeds[i] == seeds[i - 1] + 1;
  }
  if (consecutive) return std::to_string(seeds.front()) + " to " + std::to_string(seeds.back());
  std::vector<std::string> names;
  for (const std::uint64_t seed : seeds) names.push_back(std::to_string(seed));
  return listed(names);
}

ReportRun make_report_run(std::string policy, std::uint64_t seed, const RunRecorder& recorder,
                          const Objective& objective) {
  return {std::move(policy), seed, build_series(recorder.rows(), objective, kSecond),
          recorder.events()};
}

ReportData build_run_report(const RunSummary& summary, const ReportRun& run,
                            const ReportContext& context) {
  ReportData data;
  data.title = summary.scenario + " under " + summary.policy;
  data.scenario = summary.scenario;
  data.policies.push_back({summary.policy});
  data.expectations = summary.expect;
  data.notices = summary.notices;
  if (summary.stopped) {
    data.notices.insert(data.notices.begin(),
                        "Stopped by the user after " +
                            format_duration_short(from_seconds(summary.simulated_s)) +
                            "; the scores are about what was recorded until then.");
  }
  data.facts.emplace_back("Seed", std::to_string(summary.seed));
  for (const Score& value : summary.scores) {
    ReportScore score = make_score(value.name);
    score.estimates.push_back(estimate(std::span(&value.value, 1)));
    score.unknown = value.unknown;
    score.differences.emplace_back();
    data.scores.push_back(std::move(score));
  }
  sort_scores(data.scores);
  add_context(data, context, summary.backend);
  data.series_caption = caption({&run}, 1);
  add_charts(data, {ChartSource{0, &run.series}}, {&run});
  return data;
}

ReportData build_comparison_report(const ScenarioComparison& comparison,
                                   std::span<const ReportRun> runs, const ReportContext& context) {
  ReportData data;
  data.scenario = comparison.scenario;
  std::vector<std::string> names;
  std::vector<std::uint64_t> seeds;
  std::vector<ChartSource> sources;
  std::vector<const ReportRun*> shown;
  for (const PolicyResult& policy : comparison.policies) {
    const int index = static_cast<int>(names.size());
    names.push_back(policy.policy);
    data.policies.push_back({policy.policy});
    for (const std::uint64_t seed : policy.seeds) {
      if (std::ranges::find(seeds, seed) == seeds.end()) seeds.push_back(seed);
    }
    const auto run = std::ranges::find(runs, policy.policy, &ReportRun::policy);
    if (run == runs.end()) {
      data.notices.push_back("No series of " + policy.policy +
                             " was kept: it is not in the charts.");
      continue;
    }
    sources.push_back({index, &run->series});
    shown.push_back(&*run);
  }
  std::ranges::sort(seeds);
  data.title = comparison.scenario + ": " + listed(names) + (names.size() > 1 ? " compared" : "");
  data.facts.emplace_back("Seeds", seeds_text(seeds));
  for (std::size_t i = 0; i < comparison.scores.size(); ++i) {
    ReportScore score = make_score(comparison.scores[i]);
    for (const PolicyResult& policy : comparison.policies) {
      score.estimates.push_back(policy.scores[i].estimate);
      score.differences.push_back(policy.scores[i].difference);
    }
    data.scores.push_back(std::move(score));
  }
  sort_scores(data.scores);
  add_context(data, context, comparison.backend);
  data.series_caption = caption(shown, seeds.size());
  add_charts(data, sources, shown);
  return data;
}

}  // namespace wsfleet
