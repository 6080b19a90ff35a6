// SPDX-License-Identifier: Apache-2.0
// The page as text: its data, its containers, nothing from outside, hostile names. What a browser
// makes of it is in browser_test.mjs.
#include "results/report/page/html_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>

#include "results/report/testing/sample_fleet.h"

namespace wsfleet {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

ReportData small_data() {
  ReportData data;
  data.title = "flash-crowd: original and hpa compared";
  data.recommendation = "Use hpa.";
  data.policies = {{"original"}, {"hpa"}};
  data.duration_s = 3;
  ReportChart chart;
  chart.id = "replicas";
  chart.title = "Replicas";
  chart.unit = "pods";
  chart.lines = {{"demand", LineStyle::area, kSharedByPolicies, {1, 2, 3}},
                 {"ready", LineStyle::solid, 1, {1.5, std::nan(""), 0.123456}}};
  data.charts = {chart};
  data.markers = {{2, MarkerKind::fault, kSharedByPolicies, "pod_kill: 3 pods"}};
  return data;
}

json embedded_data(const std::string& page) {
  const std::string open = "id=\"report-data\">";
  const std::size_t from = page.find(open) + open.size();
  return json::parse(page.substr(from, page.find("</script>", from) - from));
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

TEST(RenderReport, EmbedsTheSeries) {
  const json data = embedded_data(render_report(small_data()));
  EXPECT_EQ(data["duration_s"], 3);
  EXPECT_EQ(data["policies"][1]["name"], "hpa");
  const json& lines = data["charts"][0]["lines"];
  EXPECT_EQ(lines[0]["policy"], -1);
  EXPECT_EQ(lines[0]["style"], "area");
  EXPECT_EQ(lines[0]["values"].dump(), "[1,2,3]");
  EXPECT_EQ(lines[1]["values"].dump(), "[1.5,null,0.1235]");
  EXPECT_EQ(data["markers"][0]["kind"], "fault");
}

TEST(RenderReport, HasAContainerForEachChart) {
  const ReportData data = sample_comparison({"original", "hpa"}, 2);
  const std::string page = render_report(data);
  ASSERT_GE(data.charts.size(), 6U);
  for (const ReportChart& chart : data.charts) {
    EXPECT_EQ(count(page, "id=\"chart-" + chart.id + "\""), 1U) << chart.id;
    EXPECT_FALSE(chart.reading.empty()) << chart.id;
  }
}

TEST(RenderReport, SaysTheRecommendationBeforeAnyTable) {
  const std::string page = render_report(sample_comparison({"original", "hpa"}, 2));
  const std::size_t sentence = page.find("Use hpa");
  ASSERT_NE(sentence, std::string::npos);
  EXPECT_LT(sentence, page.find("<table"));
  EXPECT_LT(page.find("<table"), page.find("id=\"charts\""));
}

TEST(RenderReport, AsksTheNetworkForNothing) {
  const std::string page = render_report(small_data());
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  for (const char* loader : {" src=", "<link rel=\"stylesheet\"", "@import", "url(", "fetch("}) {
    EXPECT_THAT(page, Not(HasSubstr(loader))) << loader;
  }
  EXPECT_THAT(page, HasSubstr("var uPlot="));
  EXPECT_THAT(page, HasSubstr("Permission is hereby granted"));  // uPlot's licence goes with it
}

TEST(RenderReport, EscapesHostileNamesEverywhere) {
  const std::string attack = "</script><script>alert(1)</script>\"><img onerror='x'>{{data}}";
  ReportData data = small_data();
  const std::size_t scripts = count(render_report(data), "<script");
  data.title = data.scenario = data.description = data.recommendation = attack;
  data.scenario_text = data.series_caption = attack;
  data.facts = {{attack, attack}};
  data.notices = {attack};
  data.policies = {{attack}, {attack}};
  data.expectations = {{attack, 1, false}};
  data.charts[0].title = data.charts[0].reading = data.charts[0].unit = attack;
  data.charts[0].lines[0].label = attack;
  data.markers[0].label = attack;
  ReportScore score;
  score.name = score.unit = score.meaning = attack;
  score.estimates.resize(2);
  score.differences.resize(2);
  data.scores = {score};
  const std::string page = render_report(data);
  EXPECT_EQ(count(page, "<script"), scripts);
  EXPECT_EQ(count(page, "<img"), 0U);
  EXPECT_EQ(count(page, "id=\"report-data\""), 1U);
  EXPECT_EQ(embedded_data(page)["policies"][0]["name"], attack);
}

TEST(RenderReport, IsTheSameForTheSameData) {
  EXPECT_EQ(render_report(small_data()), render_report(small_data()));
}

TEST(RenderReport, OfNothingIsStillAPage) {
  const std::string page = render_report({});
  EXPECT_THAT(page, HasSubstr("</html>"));
  EXPECT_TRUE(embedded_data(page)["charts"].empty());
}

class WriteReport : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_ = std::filesystem::path(::testing::TempDir()) /
                 ("wsfleet-report-" + std::to_string(getpid()));
    std::filesystem::create_directories(directory_);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(directory_),
                                                  std::filesystem::directory_iterator()));
  }

  std::filesystem::path directory_;
};

TEST_F(WriteReport, ReplacesTheFileAndLeavesNothingElse) {
  const std::string path = directory_ / "report.html";
  std::ofstream(path) << "old";
  ASSERT_TRUE(write_report(small_data(), path).has_value());
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(text, render_report(small_data()));
  EXPECT_EQ(files(), 1U);
}

TEST_F(WriteReport, NamesThePathThatCanNotBeWritten) {
  const std::string missing = directory_ / "missing" / "report.html";
  const auto written = write_report(small_data(), missing);
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().message, "can't write " + missing + ": No such file or directory");
}

TEST_F(WriteReport, LeavesNothingBehindWhenTheTargetIsADirectory) {
  const std::string taken = directory_ / "report.html";
  std::filesystem::create_directories(taken + "/full");
  const auto written = write_report(small_data(), taken);
  ASSERT_FALSE(written.has_value());
  EXPECT_THAT(written.error().message, HasSubstr(taken));
  EXPECT_EQ(files(), 1U);
}

}  // namespace
}  // namespace wsfleet
