// SPDX-License-Identifier: Apache-2.0
// The rules of server/rules.h as a client meets them, the same cases on the simulated pod and on
// the real server: what one of them does by another rule, fails here.
#include "server/rules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/rules/rule_subject.h"

namespace wsfleet {
namespace {

struct SubjectMaker {
  const char* name;
  std::unique_ptr<RuleSubject> (*make)();
};

class Rules : public testing::TestWithParam<SubjectMaker> {
 protected:
  std::unique_ptr<RuleSubject> subject_ = GetParam().make();
  ServerSettings settings_;
};

TEST_P(Rules, ConnectionsUpToTheLimitAreAdmittedAndNoMore) {
  settings_.max_connections = 10;
  const Arrivals seen = subject_->come(settings_, 25);
  ASSERT_GT(seen.attempts, 10);
  EXPECT_EQ(seen.opened, 10);
  EXPECT_EQ(seen.refused, seen.attempts - 10);
}

TEST_P(Rules, BelowTheLimitNobodyIsRefused) {
  settings_.max_connections = 1000;
  const Arrivals seen = subject_->come(settings_, 25);
  ASSERT_GT(seen.attempts, 0);
  EXPECT_EQ(seen.opened, seen.attempts);
  EXPECT_EQ(seen.refused, 0);
  EXPECT_TRUE(seen.ready_after);
}

TEST_P(Rules, AFullServerIsReady) {
  settings_.max_connections = 5;
  EXPECT_TRUE(subject_->come(settings_, 20).ready_after);
}

TEST_P(Rules, AFullServerIsNotReadyWhereThatIsAskedFor) {
  settings_.max_connections = 5;
  settings_.ready_when_full = false;
  EXPECT_FALSE(subject_->come(settings_, 20).ready_after);
}

TEST_P(Rules, TheRateLimitAdmitsItsBurstAndNoMore) {
  settings_.max_connection_rate = 0.001;  // a burst of one, and the next in a quarter of an hour
  const Arrivals seen = subject_->come(settings_, 25);
  ASSERT_GT(seen.attempts, 1);
  EXPECT_EQ(seen.opened, 1);
  EXPECT_EQ(seen.refused, seen.attempts - 1);
}

/// Appends when the closes of an order for `total` are due, that order coming at `begun`.
void add_due(std::vector<TimeNs>& due, const DrainSettings& pacing, std::int64_t total,
             TimeNs begun = 0) {
  for (std::int64_t n = 0; n < total; ++n) due.push_back(begun + close_due_at(pacing, total, n));
}

/// No close comes earlier than it is due (later it may: a machine is busy), none lacks its close
/// frame, and all that are due come.
void expect_closes(const Closes& seen, std::vector<TimeNs> due) {
  std::vector<TimeNs> at = seen.at;
  std::sort(at.begin(), at.end());
  std::sort(due.begin(), due.end());
  ASSERT_EQ(at.size(), due.size());
  EXPECT_EQ(seen.without_frame, 0);
  EXPECT_EQ(seen.open_after, seen.open_before - static_cast<std::int64_t>(at.size()));
  // Both sides read their own clock, and the simulation counts by the second.
  const TimeNs slack = kSecond;
  for (std::size_t n = 0; n < at.size(); ++n) {
    EXPECT_GE(at[n] + slack, due[n]) << "close " << n << " of " << at.size();
  }
}

void expect_paced(const Closes& seen, const DrainSettings& pacing, std::int64_t due_in_all) {
  std::vector<TimeNs> due;
  add_due(due, pacing, due_in_all);
  expect_closes(seen, due);
}

TEST_P(Rules, APacedDrainClosesAllAndNoneTooEarly) {
  settings_.drain = {.mode = DrainMode::paced, .over = 4 * kSecond};
  const Closes seen = subject_->close(settings_, 40, {{}});
  ASSERT_GT(seen.open_before, 20);
  expect_paced(seen, settings_.drain, seen.open_before);
  ASSERT_FALSE(seen.at.empty());
  EXPECT_GE(*std::max_element(seen.at.begin(), seen.at.end()), 3 * kSecond);
}

TEST_P(Rules, AnImmediateDrainClosesAll) {
  settings_.drain = {.mode = DrainMode::immediate};
  const Closes seen = subject_->close(settings_, 40, {{}});
  ASSERT_GT(seen.open_before, 20);
  expect_paced(seen, settings_.drain, seen.open_before);
}

TEST_P(Rules, WhoComesWhileItDrainsIsRefused) {
  settings_.drain = {.mode = DrainMode::paced, .over = 4 * kSecond};
  EXPECT_GT(subject_->close(settings_, 40, {{}}).refused_meanwhile, 0);
}

TEST_P(Rules, AShedClosesItsShareRoundedUpAndLeavesTheRest) {
  settings_.drain = {.mode = DrainMode::paced, .over = 2 * kSecond};
  const Closes seen = subject_->close(settings_, 41, {{0.25}});
  ASSERT_GT(seen.open_before, 20);
  const std::int64_t due = connections_to_shed(seen.open_before, 0.25);
  expect_paced(seen, shed_pacing(settings_.drain), due);
}

TEST_P(Rules, AShedIsImmediateWhereDrainsCloseNothing) {
  settings_.drain = {.mode = DrainMode::none};
  const Closes seen = subject_->close(settings_, 41, {{0.5}});
  const std::int64_t due = connections_to_shed(seen.open_before, 0.5);
  expect_paced(seen, shed_pacing(settings_.drain), due);
}

TEST_P(Rules, ShedsThatOverlapEachTakeTheirShareOfThoseThatStay) {
  settings_.drain = {.mode = DrainMode::paced, .over = 4 * kSecond};
  const Closes seen = subject_->close(settings_, 41, {{0.5}, {0.5, kSecond}});
  ASSERT_GT(seen.open_before, 20);
  const std::int64_t first = connections_to_shed(seen.open_before, 0.5);
  const std::int64_t second = connections_to_shed(seen.open_before - first, 0.5);
  std::vector<TimeNs> due;
  add_due(due, settings_.drain, first);
  add_due(due, settings_.drain, second, kSecond);
  expect_closes(seen, due);  // two halves leave a quarter, however fast they are
}

TEST_P(Rules, ADrainTakesOverFromTheShedThatIsUnderWay) {
  settings_.drain = {.mode = DrainMode::paced, .over = 6 * kSecond};
  const TimeNs drain = 3 * kSecond / 2;
  const Closes seen = subject_->close(settings_, 60, {{1.0}, {std::nullopt, drain}});
  ASSERT_GT(seen.open_before, 20);
  const std::int64_t shed = closes_due(settings_.drain, seen.open_before, drain);
  std::vector<TimeNs> due;
  add_due(due, settings_.drain, seen.open_before);
  due.resize(static_cast<std::size_t>(shed));
  add_due(due, settings_.drain, seen.open_before - shed, drain);
  expect_closes(seen, due);
}

/// The n-th attempts begin `wait` after the ones before, to the second by which worlds count.
void expect_attempts(const Lives& seen, std::int64_t first, std::int64_t later, TimeNs after) {
  ASSERT_EQ(static_cast<std::int64_t>(seen.began.size()), first + later);
  for (std::size_t n = static_cast<std::size_t>(first); n < seen.began.size(); ++n) {
    EXPECT_GE(seen.began[n] + kSecond, after) << "attempt " << n;
    EXPECT_LE(seen.began[n], after + 3 * kSecond) << "attempt " << n;  // a machine is busy
  }
}

TEST_P(Rules, WhoIsRefusedTriesAsOftenAsThePolicySaysAndIsLost) {
  settings_.max_connections = 5;
  const Lives seen = subject_->live(
      settings_, {.clients = 20, .length = 12 * kSecond, .wait = 4 * kSecond, .max_attempts = 2});
  ASSERT_GT(seen.sessions, 10);
  EXPECT_EQ(seen.attempts, 5 + 2 * (seen.sessions - 5));
  EXPECT_EQ(seen.reconnects, 0);
  EXPECT_EQ(seen.lost, seen.sessions - 5);
  EXPECT_EQ(seen.completed, 5);
  expect_attempts(seen, seen.sessions, seen.sessions - 5, 4 * kSecond);
}

TEST_P(Rules, WhoIsCutComesBackForWhatIsLeft) {
  settings_.drain = {.mode = DrainMode::immediate};
  const Lives seen = subject_->live(
      settings_,
      {.clients = 20, .length = 4 * kSecond, .wait = 4 * kSecond, .max_attempts = 2, .cut = true});
  ASSERT_GT(seen.sessions, 10);
  EXPECT_EQ(seen.attempts, 2 * seen.sessions);
  EXPECT_EQ(seen.reconnects, seen.sessions);
  EXPECT_EQ(seen.lost, 0);
  EXPECT_EQ(seen.completed, seen.sessions);
  expect_attempts(seen, seen.sessions, seen.sessions, 5 * kSecond);
}

INSTANTIATE_TEST_SUITE_P(All, Rules,
                         testing::Values(SubjectMaker{"simulated_pod", simulated_pod},
                                         SubjectMaker{"real_server", real_server}),
                         [](const auto& subject) { return std::string(subject.param.name); });

}  // namespace
}  // namespace wsfleet
