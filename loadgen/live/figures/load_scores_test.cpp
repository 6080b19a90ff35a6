// SPDX-License-Identifier: Apache-2.0
#include "loadgen/live/figures/load_scores.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "loadgen/live/figures/load_report.h"

namespace wsfleet {
namespace {

double value_of(const LoadScores& scores, const std::string& name) {
  const auto found = std::find_if(scores.begin(), scores.end(),
                                  [&](const LoadScore& score) { return score.name == name; });
  EXPECT_NE(found, scores.end()) << name;
  return found == scores.end() ? 0 : found->value;
}

TEST(LoadScores, SharesAndQuantiles) {
  LoadFigures figures;
  figures.add(0, Figure::opened, 6);
  figures.add(kSecond, Figure::refused_503, 3);
  figures.add(kSecond, Figure::failed_timeout, 1);
  figures.add(2 * kSecond, Figure::closed_own_end, 2);
  figures.add(2 * kSecond, Figure::closed_1012, 3);
  figures.histograms.time_to_connect.record(kMillisecond, 99);
  figures.histograms.time_to_connect.record_infinite();
  figures.threads = {{1.0, 10.0}, {9.5, 10.0}};
  const LoadScores scores = load_scores(figures);
  EXPECT_EQ(value_of(scores, "attempts"), 10);
  EXPECT_DOUBLE_EQ(value_of(scores, "refused_share"), 0.4);
  EXPECT_EQ(value_of(scores, "closed_by_server"), 3);
  EXPECT_EQ(value_of(scores, "connections_max"), 6);
  EXPECT_NEAR(value_of(scores, "time_to_connect_p99_s"), 1e-3, 2e-5);
  EXPECT_TRUE(std::isinf(value_of(scores, "time_to_connect_p999_s")));
  EXPECT_TRUE(std::isnan(value_of(scores, "message_latency_p99_s")));
  EXPECT_DOUBLE_EQ(value_of(scores, "cpu_share_max"), 0.95);
  EXPECT_DOUBLE_EQ(value_of(scores, "cpu_s"), 10.5);
}

TEST(Thresholds, EverySignAndBlanksAround) {
  for (const char* text : {"opened<7", "opened <= 6", "opened==6", "opened>=6", " opened > 5 "}) {
    const auto threshold = parse_threshold(text);
    ASSERT_TRUE(threshold.has_value()) << text;
    EXPECT_TRUE(evaluate({*threshold}, {{"opened", 6}})[0].met) << text;
    EXPECT_EQ(threshold->text, text);
  }
  for (const char* text : {"opened<6", "opened<=5", "opened==5", "opened>=7", "opened>6"}) {
    EXPECT_FALSE(evaluate({*parse_threshold(text)}, {{"opened", 6}})[0].met) << text;
  }
}

TEST(Thresholds, NothingMeasuredMeetsNoCondition) {
  const auto threshold = parse_threshold("message_latency_p99_s<1");
  EXPECT_FALSE(evaluate({*threshold}, load_scores({}))[0].met);
}

TEST(Thresholds, NeverIsOverEveryLimit) {
  LoadFigures figures;
  figures.histograms.time_to_connect.record_infinite();
  EXPECT_FALSE(
      evaluate({*parse_threshold("time_to_connect_p50_s<1e9")}, load_scores(figures))[0].met);
  EXPECT_TRUE(evaluate({*parse_threshold("time_to_connect_p50_s>1")}, load_scores(figures))[0].met);
}

TEST(Thresholds, MistakesAreNamed) {
  EXPECT_NE(parse_threshold("time_to_conect_p99_s<1").error().message.find("time_to_connect_p99_s"),
            std::string::npos);
  EXPECT_NE(parse_threshold("opened<many").error().message.find("'many'"), std::string::npos);
  EXPECT_FALSE(parse_threshold("opened").has_value());
  EXPECT_FALSE(parse_threshold("opened=3").has_value());
  EXPECT_FALSE(parse_threshold("opened<").has_value());
  EXPECT_EQ(parse_threshold("opened").error().kind, ErrorKind::usage);
}

LoadReport small_report(const std::string& shard) {
  LoadReport report;
  report.targets = {"ws://127.0.0.1:3000/ws/"};
  report.scenario = "crowd";
  report.seed = 4;
  report.shard = shard;
  report.started = "2026-03-01T09:30:00.000Z";
  report.duration_s = 2;
  report.figures.add(0, Figure::attempts_started);
  report.figures.add(0, Figure::sessions_started);
  report.figures.add(0, Figure::opened);
  report.figures.left.connections_open = 1;
  report.figures.histograms.time_to_connect.record(500);
  return report;
}

TEST(LoadReport, IsReadBackAsItWasWritten) {
  LoadReport report = small_report("0/2");
  judge(report, {*parse_threshold("opened==1")});
  EXPECT_TRUE(report.warnings.empty());
  const nlohmann::json json = report_to_json(report);
  EXPECT_EQ(json["balanced"], true);
  EXPECT_EQ(json["thresholds"][0]["met"], true);
  EXPECT_EQ(json["scores"]["message_latency_p99_s"], nullptr);
  auto read = report_from_json(json);
  ASSERT_TRUE(read.has_value()) << read.error().message;
  judge(*read, {*parse_threshold("opened==1")});
  EXPECT_EQ(report_to_json(*read), json);
}

TEST(LoadReport, MergingShardsIsAddingThem) {
  LoadReport report = small_report("0/2");
  ASSERT_TRUE(merge_report(report, small_report("1/2")).has_value());
  judge(report, {});
  EXPECT_EQ(value_of(report.scores, "opened"), 2);
  EXPECT_EQ(report.shard, "0/2+1/2");
  EXPECT_EQ(report.figures.histograms.time_to_connect.count(), 2);
  LoadReport other = small_report("1/2");
  other.seed = 5;
  EXPECT_FALSE(merge_report(report, other).has_value());
}

TEST(LoadReport, SaysWhenTheGeneratorIsTheLimit) {
  LoadReport report = small_report("0/1");
  report.figures.histograms.send_lateness.record(20 * kMillisecond, 100);
  report.figures.threads = {{9.5, 10}};
  report.figures.add(0, Figure::failed_no_descriptors);
  judge(report, {});
  ASSERT_EQ(report.warnings.size(), 4U);
  EXPECT_NE(report.warnings[0].find("sends were 20 ms late"), std::string::npos);
  EXPECT_NE(report.warnings[0].find("--threads"), std::string::npos);
  EXPECT_NE(report.warnings[1].find("95 % of a CPU"), std::string::npos);
  EXPECT_NE(report.warnings[2].find("ulimit -n"), std::string::npos);
  EXPECT_NE(report.warnings[3].find("does not balance"), std::string::npos);
}

TEST(LoadReport, TheSummaryNamesCausesAndMissedThresholds) {
  LoadReport report = small_report("0/1");
  report.figures.add(0, Figure::refused_503, 3);
  judge(report, {*parse_threshold("refused==0")});
  const std::string text = summary_text(report, /*color=*/false);
  EXPECT_NE(text.find("1 opened, 3 refused: 503 3, 0 failed\n"), std::string::npos) << text;
  EXPECT_NE(text.find("refused==0 (3): missed"), std::string::npos) << text;
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_NE(summary_text(report, /*color=*/true).find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace wsfleet
