// SPDX-License-Identifier: Apache-2.0
#include "results/record/run_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/testing/scratch_directory.h"
#include "results/compare/baseline.h"
#include "results/record/files.h"
#include "results/testing/sample_runs.h"

namespace wsfleet {
namespace {

using ::testing::HasSubstr;

std::vector<RunSummary> stored_runs() {
  std::vector<RunSummary> result{
      run_with("hpa", 1, {{"violation_s", 3}, {"a \"score\"", 0.1 + 0.2}}),
      run_with(
          "original; DROP TABLE runs", 18446744073709551615u,
          {{"violation_s", std::numeric_limits<double>::infinity()}, {"pod_hours", std::nan("")}})};
  result[0].simulated_s = 3600;
  result[0].events = 12;
  result[1].stopped = true;
  return result;
}

TEST(RunStore, RowsReadBackAsTheyWereWritten) {
  const ScratchDirectory scratch;
  ASSERT_TRUE(write_run_store(scratch.file("runs.sqlite"), stored_runs()).has_value());
  EXPECT_EQ(scratch.names().size(), 1u);
  const auto read = read_run_store(scratch.file("runs.sqlite"));
  ASSERT_TRUE(read.has_value()) << read.error().message;
  ASSERT_EQ(read->size(), 2u);
  EXPECT_EQ((*read)[0].scenario, "flash-crowd");
  EXPECT_EQ((*read)[0].policy, "hpa");
  EXPECT_EQ((*read)[0].simulated_s, 3600);
  EXPECT_EQ((*read)[0].events, 12);
  EXPECT_EQ(score_value((*read)[0].scores, "violation_s"), 3);
  EXPECT_EQ(score_value((*read)[0].scores, "a \"score\""), 0.1 + 0.2);
  EXPECT_TRUE(std::isnan(score_value((*read)[0].scores, "pod_hours").value()));  // it had none
  EXPECT_EQ((*read)[1].policy, "original; DROP TABLE runs");
  EXPECT_EQ((*read)[1].seed, 18446744073709551615u);
  EXPECT_TRUE((*read)[1].stopped);
  EXPECT_TRUE(std::isinf(score_value((*read)[1].scores, "violation_s").value()));
  EXPECT_TRUE(std::isnan(score_value((*read)[1].scores, "pod_hours").value()));
}

TEST(RunStore, TheSameRunsGiveTheSameBytes) {
  const ScratchDirectory scratch;
  ASSERT_TRUE(write_run_store(scratch.file("a.sqlite"), stored_runs()).has_value());
  std::vector<RunSummary> later = stored_runs();
  later[0].wall_s = 99;
  ASSERT_TRUE(write_run_store(scratch.file("b.sqlite"), later).has_value());
  EXPECT_EQ(read_text_file(scratch.file("a.sqlite")).value(),
            read_text_file(scratch.file("b.sqlite")).value());
}

TEST(RunStore, AStoreThatCantBeWrittenLeavesNothing) {
  const ScratchDirectory scratch;
  auto file = LineFile::create(scratch.file("file")).value();
  ASSERT_TRUE(file->close().has_value());
  const auto written = write_run_store(scratch.file("file/runs.sqlite"), stored_runs());
  ASSERT_FALSE(written.has_value());
  EXPECT_THAT(written.error().message, HasSubstr("file/runs.sqlite: Not a directory"));
  EXPECT_EQ(scratch.names().size(), 1u);
}

TEST(RunStore, WhatIsNoStoreIsAnErrorWithItsPath) {
  const ScratchDirectory scratch;
  EXPECT_THAT(read_run_store(scratch.file("none.sqlite")).error().message,
              HasSubstr("none.sqlite"));
  auto file = LineFile::create(scratch.file("text.sqlite")).value();
  ASSERT_TRUE(file->append(std::string(4096, 'x')).has_value());
  ASSERT_TRUE(file->close().has_value());
  EXPECT_THAT(read_run_store(scratch.file("text.sqlite")).error().message,
              HasSubstr("text.sqlite: file is not a database"));
}

TEST(Baseline, IsReadFromTheStoreOfADirectory) {
  const ScratchDirectory scratch;
  EXPECT_EQ(read_baseline(scratch.path()).error().kind, ErrorKind::usage);
  ASSERT_TRUE(write_run_store(scratch.file("runs.sqlite"), stored_runs()).has_value());
  EXPECT_EQ(read_baseline(scratch.path()).value().size(), 2u);
}

}  // namespace
}  // namespace wsfleet
