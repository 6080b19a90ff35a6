// SPDX-License-Identifier: Apache-2.0
// From runs to reports: the right columns in the right charts, peaks and sums kept, words.
#include "results/report/data/report_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "results/report/data/downsample.h"
#include "results/report/testing/sample_fleet.h"

namespace wsfleet {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const ReportChart* find_chart(const ReportData& data, std::string_view id) {
  const auto found = std::ranges::find(data.charts, id, &ReportChart::id);
  return found == data.charts.end() ? nullptr : &*found;
}

const ReportLine* find_line(const ReportChart& chart, std::string_view label, int policy) {
  const auto found = std::ranges::find_if(chart.lines, [&](const ReportLine& line) {
    return line.label == label && line.policy == policy;
  });
  return found == chart.lines.end() ? nullptr : &*found;
}

TEST(BuildReport, ChartsKeepPeaksAndSums) {
  const SampleRun run = sample_run("original", 1);
  const ReportData data = build_run_report(run.summary, sample_report_run(run), {});
  std::int64_t peak = 0;
  std::int64_t refused = 0;
  std::int64_t cut = 0;
  for (const SecondRow& row : run.rows) {
    peak = std::max(peak, row.connections);
    refused = std::max(refused, row.refused);
    cut += *row.cut_by_scaling;
  }
  ASSERT_GT(refused, 0);
  ASSERT_GT(cut, 0);
  const ReportLine* open = find_line(*find_chart(data, "connections"), "open", 0);
  EXPECT_EQ(std::ranges::max(open->values), static_cast<double>(peak));
  const ReportLine* refusals = find_line(*find_chart(data, "refused"), "refused", 0);
  EXPECT_EQ(std::ranges::max(refusals->values), static_cast<double>(refused));
  const ReportLine* cuts = find_line(*find_chart(data, "closed"), "cut", 0);
  EXPECT_EQ(std::accumulate(cuts->values.begin(), cuts->values.end(), 0.0),
            static_cast<double>(cut));
}

TEST(BuildReport, NoLineHasMorePointsThanAScreenShows) {
  SampleRun run = sample_run("hpa", 1);
  const std::vector<SecondRow> hour = run.rows;
  for (int i = 1; i < 24; ++i) {
    for (SecondRow row : hour) {
      row.time_s += i * 3600;
      run.rows.push_back(row);
    }
  }
  const ReportData data = build_run_report(run.summary, sample_report_run(run), {});
  EXPECT_EQ(data.duration_s, 86'400);
  for (const ReportChart& chart : data.charts) {
    for (const ReportLine& line : chart.lines) {
      EXPECT_LE(line.values.size(), kMaxPoints) << chart.id;
      EXPECT_GE(static_cast<double>(line.values.size()) * chart.step_s, 86'400) << chart.id;
    }
  }
}

TEST(BuildReport, DemandIsSharedAndEveryPolicyHasItsLines) {
  const ReportData data = sample_comparison({"original", "hpa", "oracle"}, 2);
  const ReportChart* replicas = find_chart(data, "replicas");
  EXPECT_NE(find_line(*replicas, "demand", kSharedByPolicies), nullptr);
  for (int policy = 0; policy < 3; ++policy) {
    EXPECT_NE(find_line(*replicas, "ready", policy), nullptr);
    EXPECT_NE(find_line(*replicas, "wanted", policy), nullptr);
  }
  EXPECT_EQ(replicas->lines.size(), 7U);
}

TEST(BuildReport, DemandIsTheScoresDemand) {
  const SampleRun run = sample_run("hpa", 1);
  const ReportData data = build_run_report(run.summary, sample_report_run(run), {});
  int highest = 0;
  for (const SecondRow& row : run.rows) {
    highest =
        std::max(highest, demand(sample_objective(), static_cast<double>(row.offered_sessions),
                                 row.offered_cpu_cores));
  }
  const ReportLine* line = find_line(*find_chart(data, "replicas"), "demand", kSharedByPolicies);
  EXPECT_EQ(std::ranges::max(line->values), highest);
}

TEST(BuildReport, LeavesOutChartsOfWhatNeverHappened) {
  SampleRun run = sample_run("hpa", 1);
  EXPECT_NE(find_chart(build_run_report(run.summary, sample_report_run(run), {}), "messages-late"),
            nullptr);
  for (SecondRow& row : run.rows) {
    row.messages = row.messages_late = 0;
    row.cut_by_failure = 0;
  }
  const ReportData data = build_run_report(run.summary, sample_report_run(run), {});
  EXPECT_EQ(find_chart(data, "messages-late"), nullptr);
  EXPECT_EQ(find_chart(data, "closed-otherwise"), nullptr);
}

TEST(BuildReport, RoomsAndTheSessionStoreHaveChartsWhereThereAreAny) {
  SampleRun run = sample_run("hpa", 1);
  const ReportData without = build_run_report(run.summary, sample_report_run(run), {});
  EXPECT_EQ(find_chart(without, "rooms"), nullptr);
  EXPECT_EQ(find_chart(without, "session-store"), nullptr);
  for (SecondRow& row : run.rows) {
    row.deliveries_missed = 1;
    row.sessions_stored = row.connections;
  }
  const ReportData with = build_run_report(run.summary, sample_report_run(run), {});
  EXPECT_NE(find_chart(with, "rooms"), nullptr);
  EXPECT_NE(find_chart(with, "session-store"), nullptr);
}

TEST(BuildReport, TheSameFaultIsMarkedOnceForAllPolicies) {
  const ReportData data = sample_comparison({"original", "hpa"}, 1);
  std::vector<ReportMarker> faults;
  std::ranges::copy_if(data.markers, std::back_inserter(faults),
                       [](const ReportMarker& m) { return m.kind == MarkerKind::fault; });
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_EQ(faults[0].time_s, 2400);
  EXPECT_EQ(faults[0].label, "pod_kill: 3 pods");
}

TEST(BuildReport, MarksScaleUpsAndScaleDowns) {
  std::vector<SecondRow> rows(4);
  const int replicas[] = {2, 3, 3, 1};
  for (int i = 0; i < 4; ++i) {
    rows[static_cast<std::size_t>(i)].time_s = i;
    rows[static_cast<std::size_t>(i)].spec_replicas = replicas[i];
  }
  const ReportRun run{"fixed", 1, build_series(rows, {}, kSecond), {}};
  const ReportData data = build_run_report({}, run, {});
  ASSERT_EQ(data.markers.size(), 2U);
  EXPECT_EQ(data.markers[0].kind, MarkerKind::scale_up);
  EXPECT_EQ(data.markers[0].time_s, 2);
  EXPECT_EQ(data.markers[1].kind, MarkerKind::scale_down);
}

TEST(BuildReport, ReadsAStoredSeriesOfLongerIntervals) {
  const SampleRun run = sample_run("original", 1);
  const Series stored = build_series(run.rows, sample_objective(), 15 * kSecond);
  const ReportData data =
      build_run_report(run.summary, {"original", 1, *parse_series(to_csv(stored), "x"), {}}, {});
  EXPECT_EQ(data.duration_s, 3600);
  EXPECT_EQ(find_chart(data, "connections")->step_s, 15);
  const ReportLine* refused = find_line(*find_chart(data, "refused"), "refused", 0);
  const auto column = stored.column("refused");
  EXPECT_DOUBLE_EQ(std::ranges::max(refused->values), std::ranges::max(column) / 15);
}

TEST(BuildReport, SaysWhoseSeriesTheChartsShow) {
  EXPECT_EQ(sample_comparison({"original", "hpa"}, 10).series_caption,
            "The charts show seed 1 of 10 seeds; the table above is about all. Every policy meets "
            "the very same clients.");
}

TEST(BuildReport, APolicyWithoutSeriesIsNamed) {
  const SampleRun first = sample_run("original", 1);
  const SampleRun second = sample_run("hpa", 1);
  const Comparison comparison = build_comparison({first.summary, second.summary});
  const std::vector<ReportRun> runs{sample_report_run(second)};
  const ReportData data = build_comparison_report(comparison.scenarios.front(), runs, {});
  EXPECT_THAT(data.notices, Each(HasSubstr("No series of original was kept")));
  EXPECT_NE(find_line(*find_chart(data, "connections"), "open", 1), nullptr);
  EXPECT_EQ(find_line(*find_chart(data, "connections"), "open", 0), nullptr);
}

TEST(BuildReport, WithoutAnySeriesHasTheTableOnly) {
  const Comparison comparison = build_comparison({sample_run("hpa", 1).summary});
  const ReportData data = build_comparison_report(comparison.scenarios.front(), {}, {});
  EXPECT_THAT(data.charts, IsEmpty());
  EXPECT_FALSE(data.scores.empty());
}

TEST(BuildReport, ImportantScoresComeFirst) {
  const ReportData data = sample_comparison({"original", "hpa"}, 2);
  const auto first_rest = std::ranges::find(data.scores, false, &ReportScore::important);
  EXPECT_EQ(first_rest - data.scores.begin(), 9);
  EXPECT_TRUE(std::none_of(first_rest, data.scores.end(),
                           [](const ReportScore& score) { return score.important; }));
  EXPECT_EQ(data.scores.size(), score_table().size());
  EXPECT_FALSE(data.scores.front().meaning.empty());
}

TEST(BuildReport, AStoppedRunSaysSo) {
  SampleRun run = sample_run("hpa", 1);
  run.summary.stopped = true;
  run.summary.simulated_s = 90;
  const ReportData data = build_run_report(run.summary, sample_report_run(run), {});
  EXPECT_THAT(data.notices.front(), AllOf(HasSubstr("Stopped"), HasSubstr("1m 30s")));
}

TEST(SeedsText, CountsOrLists) {
  EXPECT_EQ(seeds_text({1, 2, 3, 4}), "1 to 4");
  EXPECT_EQ(seeds_text({1, 3, 8}), "1, 3 and 8");
  EXPECT_EQ(seeds_text({7}), "7");
}

}  // namespace
}  // namespace wsfleet
