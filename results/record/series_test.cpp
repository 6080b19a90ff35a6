// SPDX-License-Identifier: Apache-2.0
#include "results/record/series.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace wsfleet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// 1, 2, 3, ... attempts and connections.
std::vector<SecondRow> rows_of_series(int count) {
  std::vector<SecondRow> result;
  for (int i = 0; i < count; ++i) {
    SecondRow row;
    row.time_s = i;
    row.attempts = i + 1;
    row.connections = 100 * (i + 1);
    row.cpu_cores = i;
    row.reconnects = i % 2;
    row.offered_sessions = 801;
    row.refused_for_capacity = i == 1 ? 1 : 0;
    result.push_back(row);
  }
  return result;
}

std::vector<double> column(const Series& series, const char* name) {
  const auto values = series.column(name);
  return {values.begin(), values.end()};
}

TEST(Series, SumsCountsAndTakesLevelsAtTheEndOfEachInterval) {
  const Series series = build_series(rows_of_series(5), {}, 2 * kSecond);
  EXPECT_THAT(column(series, "time_s"), ElementsAre(2, 4, 5));  // the last is shorter
  EXPECT_THAT(column(series, "attempts"), ElementsAre(3, 7, 5));
  EXPECT_THAT(column(series, "connections"), ElementsAre(200, 400, 500));
  EXPECT_THAT(column(series, "cpu_cores"), ElementsAre(0.5, 2.5, 4));
  EXPECT_THAT(column(series, "reconnects"), ElementsAre(1, 1, 0));
  EXPECT_THAT(column(series, "reconnects_peak_per_second"), ElementsAre(1, 1, 0));
  EXPECT_THAT(column(series, "demand_replicas"), ElementsAre(2, 2, 2));
  EXPECT_THAT(column(series, "violation_s"), ElementsAre(1, 0, 0));
  EXPECT_TRUE(series.column("no_such_column").empty());
}

TEST(Series, IntervalsThatAreNoWholeSecondsOrShorterThanOne) {
  EXPECT_THAT(column(build_series(rows_of_series(5), {}, 2500 * kMillisecond), "time_s"),
              ElementsAre(3, 5));
  EXPECT_THAT(column(build_series(rows_of_series(2), {}, kSecond / 10), "time_s"),
              ElementsAre(1, 2));
  EXPECT_EQ(build_series({}, {}, kSecond).length(), 0u);
}

TEST(Series, CsvReadsBackAsItWasWritten) {
  auto recorded = rows_of_series(4);
  recorded[0].cpu_cores = 0.1 + 0.2;
  const Series series = build_series(recorded, {}, kSecond);
  const std::string csv = to_csv(series);
  EXPECT_THAT(csv, HasSubstr("time_s,spec_replicas,ready_replicas,supply_replicas,demand"));
  EXPECT_THAT(csv, HasSubstr("0.30000000000000004"));
  const auto read = parse_series(csv, "series.csv");
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(read->columns, series.columns);
  EXPECT_EQ(read->values, series.values);
}

TEST(Series, BadCsvIsAnErrorWithItsLine) {
  EXPECT_EQ(parse_series("a,b\n1,2\n3\n", "x.csv").error().message,
            "x.csv:3: 1 values for 2 columns");
  EXPECT_EQ(parse_series("a,b\n1,two\n", "x.csv").error().message,
            "x.csv:2: 'two' is not a number");
  EXPECT_THAT(read_series("/no/such/series.csv").error().message,
              HasSubstr("can't read /no/such/series.csv: No such file or directory"));
}

TEST(Series, WhatIsNotKnownIsAnEmptyCell) {
  auto recorded = rows_of_series(4);
  recorded[1].cpu_cores.reset();
  recorded[1].cut_by_failure.reset();
  recorded[3].jain_index.reset();
  recorded[2].cpu_cores.reset();
  recorded[3].cpu_cores.reset();
  const Series series = build_series(recorded, {}, 2 * kSecond);
  EXPECT_EQ(series.column("cpu_cores")[0], 0);  // of the second that is known
  EXPECT_TRUE(std::isnan(series.column("cpu_cores")[1]));
  EXPECT_TRUE(std::isnan(series.column("connections_cut_by_failure")[0]));  // a sum has a gap
  EXPECT_EQ(series.column("connections_cut_by_failure")[1], 0);
  EXPECT_TRUE(std::isnan(series.column("jain_index")[1]));
  const std::string csv = to_csv(series);
  EXPECT_THAT(csv, HasSubstr(",,"));
  EXPECT_EQ(csv.find("null"), std::string::npos);
  EXPECT_EQ(to_csv(*parse_series(csv, "series.csv")), csv);
}

}  // namespace
}  // namespace wsfleet
