// SPDX-License-Identifier: Apache-2.0
// The score table: what a cell says of a difference, of never and of nothing.
#include "results/report/page/score_table_html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace wsfleet {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

ReportScore make_score(Better better, const std::vector<double>& first,
                       const std::vector<double>& second) {
  ReportScore score;
  score.name = "refused_share";
  score.better = better;
  score.important = true;
  score.estimates = {estimate(first), estimate(second)};
  score.differences = {Difference{}, paired_difference(first, second)};
  return score;
}

ReportData make_data(ReportScore score) {
  ReportData data;
  data.policies = {{"original"}, {"hpa"}};
  data.scores = {std::move(score)};
  return data;
}

TEST(DifferenceText, SaysHowMuchHowGoodAndInHowManySeeds) {
  ReportScore score = make_score(Better::lower, {10, 11, 9, 10}, {5, 5.6, 4.4, 5});
  score.differences[1].significant = true;
  EXPECT_EQ(difference_text(score, 1), "−50 % better, 4 of 4 seeds");
  score.better = Better::higher;
  EXPECT_EQ(difference_text(score, 1), "−50 % worse, 4 of 4 seeds");
  score.better = Better::neither;
  EXPECT_EQ(difference_text(score, 1), "−50 % lower, 4 of 4 seeds");
}

TEST(DifferenceText, MarksWhatMayBeChance) {
  ReportScore score = make_score(Better::lower, {10, 11, 9, 10}, {11, 10, 9.5, 10.5});
  score.differences[1].significant = false;
  EXPECT_EQ(difference_text(score, 1), "~ +2.50 %, 3 of 4 seeds");
}

TEST(DifferenceText, IsAbsoluteWhereTheFirstIsZero) {
  ReportScore score = make_score(Better::lower, {0, 0, 0}, {3, 4, 5});
  score.differences[1].significant = true;
  EXPECT_EQ(difference_text(score, 1), "+4 worse, 3 of 3 seeds");
}

TEST(DifferenceText, TheFirstPolicyHasNone) {
  EXPECT_EQ(difference_text(make_score(Better::lower, {1, 2}, {1, 2}), 0), "");
}

TEST(ScoreTable, SaysNeverForInfiniteAndADashForNothing) {
  const double nothing = std::numeric_limits<double>::quiet_NaN();
  const std::string html = score_table_html(
      make_data(make_score(Better::lower, {kInfinity, kInfinity}, {nothing, nothing})));
  EXPECT_THAT(html, HasSubstr("<b>never</b>"));
  EXPECT_THAT(html, HasSubstr("<b>–</b>"));
  EXPECT_THAT(html, Not(HasSubstr("nan")));
}

TEST(ScoreTable, CountsTheRunsThatNeverCameToAnEnd) {
  const std::string html =
      score_table_html(make_data(make_score(Better::lower, {1, kInfinity, 3}, {1, 2, 3})));
  EXPECT_THAT(html, HasSubstr("1 of 3 runs: never"));
}

TEST(ScoreTable, FoldsAwayWhatIsNotImportant) {
  ReportData data = make_data(make_score(Better::lower, {1, 2}, {3, 4}));
  EXPECT_THAT(score_table_html(data), Not(HasSubstr("<details>")));
  data.scores.push_back(data.scores.front());
  data.scores.back().name = "jitter_per_hour";
  data.scores.back().important = false;
  const std::string html = score_table_html(data);
  EXPECT_LT(html.find("refused_share"), html.find("<details>"));
  EXPECT_GT(html.find("jitter_per_hour"), html.find("<details>"));
}

TEST(ScoreTable, OfNoScoresIsNothing) { EXPECT_EQ(score_table_html({}), ""); }

}  // namespace
}  // namespace wsfleet
