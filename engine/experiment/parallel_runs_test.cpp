// SPDX-License-Identifier: Apache-2.0
#include "engine/experiment/parallel_runs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "core/live/stop.h"
#include "engine/experiment/run_message.h"

namespace wsfleet {
namespace {

using testing::HasSubstr;

// Waits without a clock of its own.
void poll_wait(int milliseconds) { poll(nullptr, 0, milliseconds); }

std::vector<PlannedRun> plan(int runs) {
  std::vector<PlannedRun> planned;
  for (int i = 0; i < runs; ++i) {
    PlannedRun run;
    run.scenario_label = "trial";
    run.policy.label = "hpa";
    run.seed = static_cast<std::uint64_t>(i + 1);
    planned.push_back(run);
  }
  return planned;
}

FinishedRun finished(const PlannedRun& run) {
  FinishedRun result;
  result.summary.scenario = run.scenario_label;
  result.summary.policy = run.policy.label;
  result.summary.seed = run.seed;
  result.summary.scores = {{"pod_hours", 1.0 / 3.0 * static_cast<double>(run.seed)}};
  return result;
}

TEST(ParallelRuns, ResultsAreInTheOrderOfThePlanForAnyNumberOfJobs) {
  for (const int jobs : {1, 2, 5}) {
    ParallelOptions options;
    options.jobs = jobs;
    // Earlier ones take longer, so that they end in another order than they began.
    options.body = [](const PlannedRun& run) -> Result<FinishedRun> {
      for (std::uint64_t i = run.seed; i < 6; ++i) poll_wait(5);
      return finished(run);
    };
    const auto results = run_in_parallel(plan(6), options);
    ASSERT_EQ(results.size(), 6U);
    for (std::size_t i = 0; i < 6; ++i) {
      ASSERT_TRUE(results[i]) << results[i].error().message;
      EXPECT_EQ(results[i]->summary.seed, i + 1);
      EXPECT_EQ(results[i]->summary.scores.front().value, 1.0 / 3.0 * static_cast<double>(i + 1));
    }
  }
}

TEST(ParallelRuns, ACrashIsOneRunsErrorThatNamesTheRunAndTheSignal) {
  ParallelOptions options;
  options.jobs = 2;
  options.body = [](const PlannedRun& run) -> Result<FinishedRun> {
    if (run.seed == 2) std::raise(SIGKILL);
    if (run.seed == 3) return fail("no luck");
    if (run.seed == 4) _exit(7);
    return finished(run);
  };
  const auto results = run_in_parallel(plan(5), options);
  EXPECT_TRUE(results[0]);
  EXPECT_EQ(results[1].error().message,
            "trial with hpa, seed 2: its process was ended by signal 9 (Killed)");
  EXPECT_EQ(results[2].error().message, "trial with hpa, seed 3: no luck");
  EXPECT_THAT(results[3].error().message, HasSubstr("ended with status 7"));
  EXPECT_TRUE(results[4]);
}

TEST(ParallelRuns, ChildrenDieWithTheirParent) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t parent = fork();
  if (parent == 0) {
    ParallelOptions options;
    options.body = [&](const PlannedRun& run) -> Result<FinishedRun> {
      if (write(ends[1], "x", 1) == 1) poll_wait(60'000);
      return finished(run);
    };
    run_in_parallel(plan(1), options);
    _exit(0);
  }
  close(ends[1]);
  char started = 0;
  ASSERT_EQ(read(ends[0], &started, 1), 1);  // the child runs
  kill(parent, SIGKILL);
  waitpid(parent, nullptr, 0);
  // The child holds the other end: it closes when the child is gone, long before its minute is up.
  pollfd end{ends[0], POLLIN, 0};
  EXPECT_EQ(poll(&end, 1, 10'000), 1);
  EXPECT_EQ(read(ends[0], &started, 1), 0);
  close(ends[0]);
}

TEST(ParallelRuns, AStopKeepsWhatHasFinished) {
  ParallelOptions options;
  options.jobs = 1;
  options.body = [](const PlannedRun& run) -> Result<FinishedRun> {
    if (run.seed > 2) poll_wait(60'000);
    return finished(run);
  };
  options.progress = [](std::size_t done) {
    if (done == 2) request_stop();
  };
  const auto results = run_in_parallel(plan(4), options);
  EXPECT_TRUE(results[0]);
  EXPECT_TRUE(results[1]);
  EXPECT_EQ(results[2].error().kind, ErrorKind::stopped);
  EXPECT_EQ(results[3].error().kind, ErrorKind::stopped);
}

TEST(RunMessage, CarriesEverythingThatAReportNeeds) {
  FinishedRun run = finished(plan(1).front());
  run.summary.notices = {"a notice"};
  run.rows.resize(3);
  run.rows[2].time_s = 2;
  run.rows[2].messages = 0.1;
  run.events = {{5 * kSecond, "pod_ready", "websocket-0", "uid-1", "node-2", "after 7 s"}};
  const auto back = decode(encode(run));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(to_json_line(back->summary), to_json_line(run.summary));
  ASSERT_EQ(back->rows.size(), 3U);
  EXPECT_EQ(back->rows[2].time_s, 2);
  EXPECT_EQ(back->rows[2].messages, 0.1);
  ASSERT_EQ(back->events.size(), 1U);
  EXPECT_EQ(back->events[0].time, 5 * kSecond);
  EXPECT_EQ(back->events[0].detail, "after 7 s");

  const auto error = decode(encode(fail(ErrorKind::conflict, "no")));
  EXPECT_EQ(error.error().kind, ErrorKind::conflict);
  EXPECT_EQ(error.error().message, "no");
}

TEST(RunMessage, CutShortAtAnyByteIsAnError) {
  FinishedRun run = finished(plan(1).front());
  run.rows.resize(2);
  run.events = {{kSecond, "a", "b", "c", "d", "e"}};
  const std::string whole = encode(run);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(decode(std::string_view(whole).substr(0, size))) << size;
  }
}

}  // namespace
}  // namespace wsfleet
