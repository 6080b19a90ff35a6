// SPDX-License-Identifier: Apache-2.0
#include "loadgen/live/sessions/session_plan.h"

#include <gtest/gtest.h>

#include <map>

#include "loadgen/arrivals/rate_function.h"
#include "loadgen/sessions.h"

namespace wsfleet {
namespace {

std::vector<PlannedSession> all_of(const PlanSettings& settings, Share share = {}) {
  const auto plan = make_session_plan(settings, share);
  std::vector<PlannedSession> sessions;
  while (const auto session = plan->next()) sessions.push_back(*session);
  return sessions;
}

PlanSettings busy_arrivals() {
  PlanSettings settings;
  settings.population = Population::arrivals;
  settings.workload.arrivals.rate = 20;
  settings.workload.length.mean = 5 * kSecond;
  settings.workload.source_addresses = 50;
  settings.workload.rooms = 5;
  settings.duration = 30 * kSecond;
  settings.seed = 7;
  settings.endless = false;
  return settings;
}

// The simulator's data plane makes its sessions of exactly these calls.
TEST(SessionPlan, ArrivalsAreTheSimulatorsSessions) {
  const PlanSettings settings = busy_arrivals();
  const RateFunction rate(settings.workload.arrivals, settings.workload.length, settings.duration);
  ArrivalProcess arrivals(rate, RandomStreams(settings.seed));
  const SessionModel model(settings.workload, RandomStreams(settings.seed));
  const auto sessions = all_of(settings);
  ASSERT_GT(sessions.size(), 400U);
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    EXPECT_EQ(sessions[i].serial, i);
    EXPECT_EQ(sessions[i].start, arrivals.next());
    EXPECT_EQ(sessions[i].length, model.length(i));
    EXPECT_EQ(sessions[i].source, model.source_address(i));
    EXPECT_EQ(sessions[i].room, model.room(i));
    EXPECT_FALSE(sessions[i].already_there);
  }
  EXPECT_EQ(arrivals.next(), kNever);
}

TEST(SessionPlan, ARoomIsAPathBelowTheTargets) {
  EXPECT_EQ(room_target("/ws/", 7), "/ws/room-7");
  EXPECT_EQ(room_target("/ws", 7), "/ws/room-7");
  EXPECT_EQ(room_target("/", 0), "/room-0");
  EXPECT_EQ(room_target("/ws?token=a/b", 12), "/ws/room-12?token=a/b");
}

TEST(SessionPlan, ASteadyStartHasTheSimulatorsPopulation) {
  PlanSettings settings = busy_arrivals();
  settings.start_steady = true;
  settings.lead_in = 2 * kSecond;
  const SessionModel model(settings.workload, RandomStreams(settings.seed));
  const std::int64_t population = model.stationary_population(20);
  EXPECT_EQ(initial_population(settings), population);
  const auto sessions = all_of(settings);
  ASSERT_GT(sessions.size(), static_cast<std::size_t>(population));
  for (std::int64_t i = 0; i < population; ++i) {
    const PlannedSession& session = sessions[static_cast<std::size_t>(i)];
    EXPECT_EQ(session.serial, initial_serial(static_cast<std::uint64_t>(i)));
    EXPECT_EQ(session.length, model.residual(static_cast<std::uint64_t>(i)));
    EXPECT_EQ(session.source, model.source_address(session.serial));
    EXPECT_TRUE(session.already_there);
    EXPECT_GE(session.start, -settings.lead_in);
    EXPECT_LT(session.start, 0);
  }
  EXPECT_EQ(sessions[static_cast<std::size_t>(population)].serial, 0U);
  EXPECT_EQ(initial_population(busy_arrivals()), 0);
}

TEST(SessionPlan, SharesPartTheSessionsAmongThem) {
  PlanSettings settings = busy_arrivals();
  settings.start_steady = true;
  std::map<std::uint64_t, PlannedSession> whole;
  for (const auto& session : all_of(settings)) whole[session.serial] = session;
  std::size_t seen = 0;
  for (std::uint64_t shard = 0; shard < 3; ++shard) {
    for (std::uint64_t thread = 0; thread < 2; ++thread) {
      for (const auto& session : all_of(settings, Share{shard, 3}.part(thread, 2))) {
        ASSERT_EQ(whole.count(session.serial), 1U);
        EXPECT_EQ(session.serial % 3, shard);
        EXPECT_EQ(session.start, whole[session.serial].start);
        EXPECT_EQ(session.length, whole[session.serial].length);
        ++seen;
      }
    }
  }
  EXPECT_EQ(seen, whole.size());
}

TEST(SessionPlan, AFixedPopulationStartsOverItsRampAndStays) {
  PlanSettings settings;
  settings.connections = 4;
  settings.ramp = 8 * kSecond;
  const auto plan = make_session_plan(settings, {});
  for (std::uint64_t i = 0; i < 4; ++i) {
    const auto session = plan->next();
    ASSERT_TRUE(session.has_value());
    EXPECT_EQ(session->serial, i);
    EXPECT_EQ(session->start, static_cast<TimeNs>(i) * 2 * kSecond);
    EXPECT_EQ(session->length, kNever);
    EXPECT_FALSE(plan->successor(*session, 9 * kSecond).has_value());
  }
  EXPECT_FALSE(plan->next().has_value());
}

TEST(SessionPlan, APlaceThatIsFreeIsTakenByItsNextSession) {
  PlanSettings settings;
  settings.connections = 4;
  settings.endless = false;
  settings.workload.length.mean = kSecond;
  const auto plan = make_session_plan(settings, {1, 4});
  const auto first = plan->next();
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->serial, 1U);
  const SessionModel model(settings.workload, RandomStreams(settings.seed));
  EXPECT_EQ(first->length, model.length(1));
  const auto second = plan->successor(*first, 3 * kSecond);
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->serial, 5U);
  EXPECT_EQ(second->start, 3 * kSecond);
  EXPECT_EQ(second->length, model.length(5));
}

TEST(SessionPlan, StagesAreRampsAndTheLastToComeLeavesFirst) {
  const auto sessions = stage_sessions({{4 * kSecond, 4}, {2 * kSecond, 4}, {2 * kSecond, 2}});
  ASSERT_EQ(sessions.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(sessions[i].serial, i);
    EXPECT_EQ(sessions[i].start, static_cast<TimeNs>(i + 1) * kSecond);
  }
  EXPECT_EQ(sessions[3].until, 7 * kSecond);
  EXPECT_EQ(sessions[2].until, 8 * kSecond);
  EXPECT_EQ(sessions[1].until, kNever);
}

TEST(SessionPlan, AStageOfNoLengthIsAJump) {
  const auto sessions = stage_sessions({{0, 2}, {kSecond, 2}, {0, 0}, {kSecond, 1}});
  ASSERT_EQ(sessions.size(), 3U);
  EXPECT_EQ(sessions[0].start, 0);
  EXPECT_EQ(sessions[1].start, 0);
  EXPECT_EQ(sessions[0].until, kSecond);
  EXPECT_EQ(sessions[2].start, 2 * kSecond);
}

TEST(SessionPlan, TheLengthOfThoseAlreadyThereCountsFromZero) {
  const PlannedSession there = {.start = -2 * kSecond, .already_there = true};
  EXPECT_EQ(there.wanted_since(), 0);
  EXPECT_EQ(there.connected_from(-kSecond), 0);
  EXPECT_EQ(there.connected_from(3 * kSecond), 3 * kSecond);
  const PlannedSession arrives = {.start = 5 * kSecond};
  EXPECT_EQ(arrives.wanted_since(), 5 * kSecond);
  EXPECT_EQ(arrives.connected_from(6 * kSecond), 6 * kSecond);
}

}  // namespace
}  // namespace wsfleet
