// SPDX-License-Identifier: Apache-2.0
// One experiment at a time: who has the lock, who may take it, and who has lost it.
#include "cluster/kubernetes/experiment/changes/experiment_lock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include "cluster/kubernetes/experiment/testing/deployed_fleet.h"
#include "core/live/live_clock.h"

namespace wsfleet {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

constexpr TimeNs kNow = 1795546800 * kSecond;  // 2026-11-24T19:00:00Z

LockSettings lock_of(const std::string& identity, TimeNs wall) {
  return {.identity = identity,
          .renew_every = kHour,
          .abandoned_after = 30 * kSecond,
          .watched_for = 0,
          .wall = [wall] { return wall; }};
}

class TheExperimentLock : public testing::Test {
 protected:
  json data() { return fleet.objects.at(kLockPath)["data"]; }
  void expect_taken(ExperimentLock& lock, bool recover) {
    const auto taken = lock.take(recover);
    EXPECT_TRUE(taken) << taken.error().message;
  }
  std::string refusal(ExperimentLock& lock, bool recover) {
    const auto taken = lock.take(recover);
    EXPECT_FALSE(taken);
    return taken ? "" : taken.error().message;
  }

  DeployedFleet fleet;
  ExperimentLock first{fleet.client, "chat", lock_of("first", kNow)};
};

TEST_F(TheExperimentLock, NamesHolderAndTimes) {
  expect_taken(first, false);
  EXPECT_EQ(data(), json({{"holder", "first"},
                          {"began", "2026-11-24T19:00:00.000Z"},
                          {"renewed", "2026-11-24T19:00:00.000Z"},
                          {"changes", "[]"}}));
  EXPECT_TRUE(first.write("[1]"));
  EXPECT_EQ(data()["changes"], "[1]");
  EXPECT_TRUE(first.release());
  EXPECT_EQ(fleet.objects.at(kLockPath), json());
}

TEST_F(TheExperimentLock, AnIdentityIsMadeWhereNoneIsGiven) {
  ExperimentLock lock(fleet.client, "chat", {});
  expect_taken(lock, false);
  const std::string holder = data()["holder"];
  EXPECT_THAT(holder, HasSubstr(std::to_string(getpid())));
  EXPECT_TRUE(lock.release());
}

TEST_F(TheExperimentLock, ASecondExperimentIsToldOfTheFirst) {
  expect_taken(first, false);
  ExperimentLock second(fleet.client, "chat", lock_of("second", kNow + kHour));
  EXPECT_THAT(refusal(second, false),
              AllOf(HasSubstr("an experiment that began at 2026-11-24T19:00:00.000Z has the "
                              "namespace chat (by first, renewed at 2026-11-24T19:00:00.000Z)"),
                    HasSubstr("`--recover` puts back")));
  EXPECT_EQ(data()["holder"], "first");
}

TEST_F(TheExperimentLock, RecoverBesideALivingRunIsRefusedUntilItsTime) {
  expect_taken(first, false);
  ASSERT_TRUE(first.write("[1]"));
  ExperimentLock early(fleet.client, "chat", lock_of("early", kNow + 29 * kSecond));
  EXPECT_THAT(refusal(early, true),
              AllOf(HasSubstr("by first, renewed at 2026-11-24T19:00:00.000Z"),
                    HasSubstr("`--recover` may do so from 2026-11-24T19:00:30.000Z on")));
  EXPECT_EQ(data()["holder"], "first");
  EXPECT_TRUE(first.held());
  ExperimentLock late(fleet.client, "chat", lock_of("late", kNow + 30 * kSecond));
  EXPECT_EQ(late.take(true).value(), "[1]");
  EXPECT_EQ(data()["holder"], "late");
}

// One machine's clock is an hour ahead of the other's: what counts is that the lock changes.
TEST_F(TheExperimentLock, ClocksThatAreApartTakeNothingFromALivingRun) {
  LockSettings busy = lock_of("busy", kNow);
  busy.renew_every = 20 * kMillisecond;
  ExperimentLock living(fleet.client, "chat", busy);
  expect_taken(living, false);
  for (const TimeNs wall : {kNow + kHour, kNow - kHour}) {
    LockSettings skewed = lock_of("skewed", wall);
    skewed.watched_for = kSecond;
    ExperimentLock other(fleet.client, "chat", skewed);
    // Renewals with the same time are no change of the object.
    fleet.objects.change(kLockPath, [](json& object) { object["data"]["renewed"] = "x"; });
    EXPECT_THAT(refusal(other, true), HasSubstr("it has renewed the lock just now"));
  }
  EXPECT_TRUE(living.held());
}

TEST_F(TheExperimentLock, ALivingHolderRenews) {
  LockSettings settings = lock_of("busy", 0);
  settings.renew_every = 10 * kMillisecond;
  settings.wall = wall_now;
  ExperimentLock living(fleet.client, "chat", settings);
  expect_taken(living, false);
  const json begun = data();
  const TimeNs until = monotonic_now() + 10 * kSecond;
  while (data()["renewed"] == begun["renewed"] && monotonic_now() < until) poll(nullptr, 0, 5);
  EXPECT_NE(data()["renewed"], begun["renewed"]);
  EXPECT_EQ(data()["began"], begun["began"]);
  EXPECT_TRUE(living.release());
  poll(nullptr, 0, 50);
  EXPECT_EQ(fleet.objects.at(kLockPath), json());
}

TEST_F(TheExperimentLock, AHolderOfYesterdayWritesNoMore) {
  expect_taken(first, false);
  ExperimentLock second(fleet.client, "chat", lock_of("second", kNow + kMinute));
  expect_taken(second, true);
  EXPECT_TRUE(first.held());  // it does not know yet
  const auto written = first.write("[\"mine\"]");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, ErrorKind::conflict);
  EXPECT_THAT(written.error().message, HasSubstr("by second"));
  EXPECT_FALSE(first.held());
  EXPECT_FALSE(first.confirm());
  EXPECT_FALSE(first.release());
  EXPECT_EQ(data()["changes"], "[]");
  EXPECT_EQ(data()["holder"], "second");
}

TEST_F(TheExperimentLock, SomebodysLabelIsNoLoss) {
  expect_taken(first, false);
  const auto label = [this] {
    fleet.objects.change(kLockPath, [](json& object) {
      object["metadata"]["labels"]["seen"] = object["metadata"]["resourceVersion"];
    });
  };
  label();
  EXPECT_TRUE(first.write("[1]"));
  EXPECT_EQ(data()["changes"], "[1]");
  label();
  EXPECT_TRUE(first.confirm());
  label();
  EXPECT_TRUE(first.release());
  EXPECT_EQ(fleet.objects.at(kLockPath), json());
}

TEST_F(TheExperimentLock, ADeletedLockComesBackWithItsChanges) {
  expect_taken(first, false);
  ASSERT_TRUE(first.write("[1]"));
  fleet.objects.remove(kLockPath);
  EXPECT_TRUE(first.confirm());
  EXPECT_EQ(data()["changes"], "[1]");
  EXPECT_EQ(data()["holder"], "first");
}

TEST_F(TheExperimentLock, WhileNobodyMayTakeItASilentServerIsNoLoss) {
  expect_taken(first, false);
  fleet.objects.trouble({.at = 1, .lasts = true});
  EXPECT_TRUE(first.confirm());
  LockSettings short_lived = lock_of("short", kNow);
  short_lived.abandoned_after = 1;
  fleet.objects.trouble({});
  fleet.objects.remove(kLockPath);
  ExperimentLock other(fleet.client, "chat", short_lived);
  expect_taken(other, false);
  fleet.objects.trouble({.at = 1, .lasts = true});
  EXPECT_FALSE(other.confirm());
}

}  // namespace
}  // namespace wsfleet
