// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include "loadgen/arrivals/rate_function.h"

namespace wsfleet {
namespace {

namespace fs = std::filesystem;

class Trace : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    directory_ = fs::path(testing::TempDir()) / (std::string("trace_") + test->name());
    fs::create_directories(directory_);
  }
  void TearDown() override { fs::remove_all(directory_); }

  std::string path() const { return (directory_ / "day.csv").string(); }

  Result<std::vector<TraceRow>> read(const std::string& text) const {
    std::ofstream(path(), std::ios::binary) << text;
    return read_trace(path());
  }

  /// The error of a trace that reads `text`, with "day.csv" for the whole path.
  std::string error(const std::string& text) const {
    const auto rows = read(text);
    return rows ? "no error" : shortened(rows.error().message);
  }

  std::string shortened(std::string message) const {
    for (std::size_t at = message.find(path()); at != std::string::npos;
         at = message.find(path())) {
      message.replace(at, path().size(), "day.csv");
    }
    return message;
  }

 private:
  fs::path directory_;
};

TEST_F(Trace, ReadsTimesInSecondsAndCounts) {
  const auto rows = read("time_s,arrivals\n0,35\n300,41.5\n600.25,0\n");
  ASSERT_TRUE(rows.has_value());
  ASSERT_EQ(rows->size(), 3U);
  EXPECT_EQ((*rows)[1].at, 300 * kSecond);
  EXPECT_EQ((*rows)[1].arrivals, 41.5);
  EXPECT_EQ((*rows)[2].at, 600 * kSecond + 250 * kMillisecond);
}

TEST_F(Trace, TakesWhatSpreadsheetsWrite) {
  const auto rows = read("\xEF\xBB\xBFtime_s,arrivals\r\n0, 35\r\n60 ,41\r\n\r\n");
  ASSERT_TRUE(rows.has_value()) << rows.error().message;
  EXPECT_EQ(rows->size(), 2U);
  EXPECT_EQ((*rows)[1].arrivals, 41);
}

TEST_F(Trace, ErrorsArePartOfTheConfiguration) {
  EXPECT_EQ(read("").error().kind, ErrorKind::configuration);
}

TEST_F(Trace, MissingFile) {
  const auto rows = read_trace(path());
  ASSERT_FALSE(rows.has_value());
  EXPECT_EQ(shortened(rows.error().message), "day.csv: there is no such file");
}

TEST_F(Trace, Directory) {
  fs::create_directory(path());
  EXPECT_EQ(shortened(read_trace(path()).error().message),
            "day.csv: this is a directory, not a file");
}

TEST_F(Trace, EmptyFile) {
  EXPECT_EQ(error(""), "day.csv: the trace is empty");
  EXPECT_EQ(error("\n\n"), "day.csv: the trace is empty");
}

TEST_F(Trace, WrongHeader) {
  EXPECT_EQ(error("seconds;count\n0;1\n"),
            "day.csv:1: the header must be 'time_s,arrivals', not 'seconds;count'");
  EXPECT_EQ(error("0,35\n300,41\n"), "day.csv:1: the header must be 'time_s,arrivals', not '0,35'");
}

TEST_F(Trace, TooFewRows) {
  EXPECT_EQ(error("time_s,arrivals\n"),
            "day.csv: the trace has no row, it needs two: a row lasts until the next one, the last "
            "as long as the one before");
  EXPECT_EQ(error("time_s,arrivals\n0,5\n"),
            "day.csv: the trace has one row, it needs two: a row lasts until the next one, the "
            "last as long as the one before");
}

TEST_F(Trace, TextInARow) {
  EXPECT_EQ(error("time_s,arrivals\n0,35\n60,many\nnoon,3\n180,12h\n"),
            "day.csv:3: arrivals is 'many', which is not a number\n"
            "day.csv:4: time_s is 'noon', which is not a number\n"
            "day.csv:5: arrivals is '12h', which is not a number");
}

TEST_F(Trace, NotFinite) {
  EXPECT_EQ(error("time_s,arrivals\n0,nan\n60,inf\n"),
            "day.csv:2: arrivals is 'nan', which is not a number\n"
            "day.csv:3: arrivals is 'inf', which is not a number");
}

TEST_F(Trace, MissingAndSurplusColumns) {
  EXPECT_EQ(error("time_s,arrivals\n0\n60,1,2\n120,\n"),
            "day.csv:2: a row has two columns, time_s,arrivals; this one is '0'\n"
            "day.csv:3: a row has two columns, time_s,arrivals; this one is '60,1,2'\n"
            "day.csv:4: arrivals is '', which is not a number");
}

TEST_F(Trace, UnsortedTimes) {
  EXPECT_EQ(error("time_s,arrivals\n0,1\n120,1\n60,1\n60,1\n180,1\n"),
            "day.csv:4: time_s is 60, it must come after the 120 of the row before\n"
            "day.csv:5: time_s is 60, it must come after the 60 of the row before");
}

TEST_F(Trace, TimesOutOfRange) {
  EXPECT_EQ(error("time_s,arrivals\n-5,1\n0,1\n1769000000000,1\n"),
            "day.csv:2: time_s is -5, it must be in seconds from 0 to 4000000000\n"
            "day.csv:4: time_s is 1769000000000, it must be in seconds from 0 to 4000000000");
}

TEST_F(Trace, NegativeCount) {
  EXPECT_EQ(error("time_s,arrivals\n0,1\n60,-2\n"),
            "day.csv:3: arrivals is -2, it can't be negative");
}

TEST_F(Trace, WithoutAnyArrivals) {
  EXPECT_EQ(error("time_s,arrivals\n0,0\n60,0\n"), "day.csv: no row of the trace has arrivals");
}

TEST_F(Trace, LinesAreCountedAsAnEditorDoes) {
  EXPECT_EQ(error("\ntime_s,arrivals\n\n0,1\n\n60,x\n"),
            "day.csv:6: arrivals is 'x', which is not a number");
}

TEST_F(Trace, ManyMistakesAreCutShort) {
  std::string text = "time_s,arrivals\n";
  for (int i = 0; i < 25; ++i) text += "x,1\n";
  const std::string message = error(text);
  EXPECT_EQ(std::count(message.begin(), message.end(), '\n'), 10);
  EXPECT_NE(message.find("day.csv: and 15 more mistakes"), std::string::npos) << message;
}

TEST_F(Trace, LongTextIsCutShort) {
  const std::string message = error("time_s,arrivals\n0," + std::string(5000, 'x') + "\n");
  EXPECT_LT(message.size(), 200U);
}

}  // namespace
}  // namespace wsfleet
