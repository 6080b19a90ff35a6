// SPDX-License-Identifier: Apache-2.0
// The rules of server/rules.h as a client meets them, the same cases on the simulated pod and on
// the real server: what one of them does by another rule, fails here.
#include "server/rules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

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

/// No close comes earlier than the pacing rule says (later it may: a machine is busy), none lacks
/// its close frame, and all that are due come.
void expect_paced(const Closes& seen, const DrainSettings& pacing, std::int64_t due_in_all) {
  std::vector<TimeNs> at = seen.at;
  std::sort(at.begin(), at.end());
  EXPECT_EQ(static_cast<std::int64_t>(at.size()), due_in_all);
  EXPECT_EQ(seen.without_frame, 0);
  // Both sides read their own clock, and the simulation counts by the second.
  const TimeNs slack = kSecond;
  for (std::size_t n = 0; n < at.size(); ++n) {
    const TimeNs due = close_due_at(pacing, due_in_all, static_cast<std::int64_t>(n));
    EXPECT_GE(at[n] + slack, due) << "close " << n << " of " << at.size();
  }
}

TEST_P(Rules, APacedDrainClosesAllAndNoneTooEarly) {
  settings_.drain = {.mode = DrainMode::paced, .over = 4 * kSecond};
  const Closes seen = subject_->drain(settings_, 40);
  ASSERT_GT(seen.open_before, 20);
  expect_paced(seen, settings_.drain, seen.open_before);
  EXPECT_EQ(seen.open_after, 0);
  ASSERT_FALSE(seen.at.empty());
  EXPECT_GE(*std::max_element(seen.at.begin(), seen.at.end()), 3 * kSecond);
}

TEST_P(Rules, AnImmediateDrainClosesAll) {
  settings_.drain = {.mode = DrainMode::immediate};
  const Closes seen = subject_->drain(settings_, 40);
  ASSERT_GT(seen.open_before, 20);
  expect_paced(seen, settings_.drain, seen.open_before);
  EXPECT_EQ(seen.open_after, 0);
}

TEST_P(Rules, WhoComesWhileItDrainsIsRefused) {
  settings_.drain = {.mode = DrainMode::paced, .over = 4 * kSecond};
  EXPECT_GT(subject_->drain(settings_, 40).refused_meanwhile, 0);
}

TEST_P(Rules, AShedClosesItsShareRoundedUpAndLeavesTheRest) {
  settings_.drain = {.mode = DrainMode::paced, .over = 2 * kSecond};
  const Closes seen = subject_->shed(settings_, 41, 0.25);
  ASSERT_GT(seen.open_before, 20);
  const std::int64_t due = connections_to_shed(seen.open_before, 0.25);
  expect_paced(seen, shed_pacing(settings_.drain), due);
  EXPECT_EQ(seen.open_after, seen.open_before - due);
}

TEST_P(Rules, AShedIsImmediateWhereDrainsCloseNothing) {
  settings_.drain = {.mode = DrainMode::none};
  const Closes seen = subject_->shed(settings_, 41, 0.5);
  const std::int64_t due = connections_to_shed(seen.open_before, 0.5);
  expect_paced(seen, shed_pacing(settings_.drain), due);
  EXPECT_EQ(seen.open_after, seen.open_before - due);
}

INSTANTIATE_TEST_SUITE_P(All, Rules,
                         testing::Values(SubjectMaker{"simulated_pod", simulated_pod},
                                         SubjectMaker{"real_server", real_server}),
                         [](const auto& subject) { return std::string(subject.param.name); });

}  // namespace
}  // namespace wsfleet
