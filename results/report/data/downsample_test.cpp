// SPDX-License-Identifier: Apache-2.0
// Thinning out: peaks survive, sums add up, and short runs stay as they are.
#include "results/report/data/downsample.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

namespace wsfleet {
namespace {

using ::testing::ElementsAre;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

TEST(ChooseGrid, KeepsEveryRowOfAShortRun) {
  EXPECT_EQ(choose_grid(1000).rows_per_step, 1U);
  EXPECT_EQ(choose_grid(1001).rows_per_step, 2U);
}

TEST(ChooseGrid, TakesRoundSteps) {
  EXPECT_EQ(choose_grid(3600).rows_per_step, 5U);
  EXPECT_EQ(choose_grid(3600).steps(), 720U);
  EXPECT_EQ(choose_grid(86'400).rows_per_step, 120U);
  EXPECT_EQ(choose_grid(3600, 120).rows_per_step, 30U);
}

TEST(ChooseGrid, NeverNeedsMoreStepsThanAllowed) {
  for (const std::size_t rows : {0UL, 1UL, 999UL, 7'201UL, 31'536'000UL}) {
    EXPECT_LE(choose_grid(rows).steps(), kMaxPoints) << rows;
  }
}

TEST(DownsampleLevel, WithOneRowPerStepIsTheRows) {
  const std::vector<double> rows{3, 1, 2, 2, 5};
  EXPECT_EQ(downsample_level(rows, {rows.size(), 1}), rows);
}

TEST(DownsampleLevel, KeepsLowestAndHighestInTheirOrder) {
  const std::vector<double> rows{5, 9, 1, 5, /**/ 4, 0, 8, 4};
  EXPECT_THAT(downsample_level(rows, {rows.size(), 2}), ElementsAre(9, 1, 0, 8));
}

TEST(DownsampleLevel, AOneSecondPeakOfADayIsStillThere) {
  std::vector<double> rows(86'400, 100.0);
  rows[54'321] = 4'000;
  rows[54'999] = 7;
  const auto points = downsample_level(rows, choose_grid(rows.size()));
  EXPECT_LE(points.size(), kMaxPoints);
  EXPECT_EQ(*std::max_element(points.begin(), points.end()), 4'000);
  EXPECT_EQ(*std::min_element(points.begin(), points.end()), 7);
}

TEST(DownsampleLevel, ALastStepWithoutAPartnerKeepsItsHighestRow) {
  const std::vector<double> rows{1, 1, 1, 1, 2, 6, 3};
  EXPECT_THAT(downsample_level(rows, {rows.size(), 2}), ElementsAre(1, 1, 2, 6));
  const std::vector<double> odd{1, 1, 1, 1, 2, 6};
  EXPECT_THAT(downsample_level(odd, {odd.size(), 2}), ElementsAre(1, 1, 6));
}

TEST(DownsampleLevel, SkipsRowsWithoutAValue) {
  const std::vector<double> rows{kNan, 2, kNan, 1, kNan, kNan, kNan, kNan};
  const auto points = downsample_level(rows, {rows.size(), 2});
  ASSERT_EQ(points.size(), 4U);
  EXPECT_EQ(points[0], 2);
  EXPECT_EQ(points[1], 1);
  EXPECT_TRUE(std::isnan(points[2]) && std::isnan(points[3]));
}

TEST(DownsampleSum, LosesNothing) {
  std::vector<double> rows(7'201);
  std::iota(rows.begin(), rows.end(), 0.0);
  const auto points = downsample_sum(rows, choose_grid(rows.size()));
  EXPECT_EQ(std::accumulate(points.begin(), points.end(), 0.0),
            std::accumulate(rows.begin(), rows.end(), 0.0));
}

TEST(DownsampleMax, IsTheHighestRowOfEachStep) {
  const std::vector<double> rows{0, 7, 0, 0, 1, 2, 3};
  EXPECT_THAT(downsample_max(rows, {rows.size(), 3}), ElementsAre(7, 2, 3));
}

TEST(DownsampleShare, WeighsByTheWholeAndHasNoValueForNothing) {
  const std::vector<double> part{1, 0, 0, 0};
  const std::vector<double> whole{1, 9, 0, 0};
  const auto points = downsample_share(part, whole, {part.size(), 2});
  EXPECT_DOUBLE_EQ(points[0], 0.1);
  EXPECT_TRUE(std::isnan(points[1]));
}

TEST(Downsample, OfNoRowsIsEmpty) {
  EXPECT_TRUE(downsample_level({}, choose_grid(0)).empty());
  EXPECT_TRUE(downsample_sum({}, choose_grid(0)).empty());
}

TEST(DownsampleSum, HasNoValueWhereNothingIsKnown) {
  const std::vector<double> rows{1, kNan, kNan, kNan};
  const auto points = downsample_sum(rows, {rows.size(), 2});
  EXPECT_EQ(points[0], 1);
  EXPECT_TRUE(std::isnan(points[1]));
}

}  // namespace
}  // namespace wsfleet
