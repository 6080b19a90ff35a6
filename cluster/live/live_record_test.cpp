// SPDX-License-Identifier: Apache-2.0
#include "cluster/live/live_record.h"

#include <gtest/gtest.h>

namespace wsfleet {
namespace {

FleetSecond known_second() { return FleetSecond::of_counters(); }

LoadFigures figures_of(const std::vector<std::tuple<int, Figure, int>>& counted, int seconds) {
  LoadFigures figures;
  for (int second = 0; second < seconds; ++second) {
    figures.row(second * kSecond);
    for (const auto& [at, figure, amount] : counted) {
      if (at == second) figures.add(second * kSecond, figure, amount);
    }
  }
  return figures;
}

TEST(LiveRecord, ConnectionsAreWhatOpenedAndHasNotClosed) {
  const LoadFigures clients = figures_of({{0, Figure::opened, 5},
                                          {1, Figure::opened, 2},
                                          {1, Figure::closed_own_end, 3},
                                          {2, Figure::closed_reset, 1}},
                                         3);
  const auto rows = live_rows(std::vector<FleetSecond>(3, known_second()), clients, {}, {});
  EXPECT_EQ(rows[0].connections, 5);
  EXPECT_EQ(rows[1].connections, 4);
  EXPECT_EQ(rows[2].connections, 3);
  EXPECT_EQ(rows[2].cut_by_failure, 1);
}

TEST(LiveRecord, SessionsThatWereThereBeforeTheRunCountAsConnections) {
  LoadFigures clients;
  clients.add(-2 * kSecond, Figure::opened, 7);
  clients.add(0, Figure::opened, 1);
  const auto rows = live_rows(std::vector<FleetSecond>(1, known_second()), clients, {}, {});
  EXPECT_EQ(rows[0].connections, 8);
  EXPECT_EQ(rows[0].opened, 1);
}

TEST(LiveRecord, DrainsMoveAndShedsShed) {
  const LoadFigures clients = figures_of({{0, Figure::closed_1012, 10}}, 1);
  std::vector<FleetSecond> fleet(1, known_second());
  fleet[0].closed_by_shed = 4;
  const auto rows = live_rows(fleet, clients, {}, {});
  EXPECT_EQ(rows[0].closed_by_shedding, 4);
  EXPECT_EQ(rows[0].moved_by_scaling, 6);
}

TEST(LiveRecord, CutsNearATerminatedPodsEndAreTheScalings) {
  const LoadFigures clients =
      figures_of({{1, Figure::closed_no_close_frame, 4}, {9, Figure::closed_reset, 3}}, 10);
  std::vector<FleetSecond> fleet(10, known_second());
  fleet[2].cut_by_grace = 6;
  const auto rows = live_rows(fleet, clients, {}, {});
  EXPECT_EQ(rows[1].cut_by_scaling, 4);
  EXPECT_EQ(rows[1].cut_by_failure, 0);
  EXPECT_EQ(rows[9].cut_by_scaling, 0);
  EXPECT_EQ(rows[9].cut_by_failure, 3);
}

TEST(LiveRecord, AnIngressThatReachesNobodyHasFailedAndNotRefused) {
  LoadFigures clients = figures_of({{0, Figure::refused_503, 5}}, 1);
  clients.attempt_ended(0, Figure::refused_other_status, kMillisecond, kSecond);
  clients.attempt_ended(0, Figure::refused_other_status, kMillisecond, kSecond);
  clients.attempt_ended(0, Figure::refused_no_endpoint, 0, kSecond);
  std::vector<FleetSecond> fleet(1, known_second());
  fleet[0].refused_draining = 2;
  const auto rows = live_rows(fleet, clients, {}, {});
  EXPECT_EQ(rows[0].failed, 2);
  EXPECT_EQ(rows[0].attempts_late, 2);
  EXPECT_EQ(rows[0].refused, 6);
  EXPECT_EQ(rows[0].refused_for_capacity, 4);
  EXPECT_EQ(rows[0].attempts, 8);
}

TEST(LiveRecord, WhatAServerDidNotTellIsNotKnown) {
  const LoadFigures clients = figures_of({{0, Figure::closed_1012, 4},
                                          {0, Figure::closed_reset, 1},
                                          {0, Figure::refused_503, 1},
                                          {1, Figure::opened, 1}},
                                         2);
  const auto rows = live_rows(std::vector<FleetSecond>(2), clients, {}, {});
  EXPECT_EQ(rows[0].moved_by_scaling, std::nullopt);
  EXPECT_EQ(rows[0].closed_by_shedding, std::nullopt);
  EXPECT_EQ(rows[0].cut_by_scaling, std::nullopt);
  EXPECT_EQ(rows[0].cut_by_failure, std::nullopt);
  EXPECT_EQ(rows[0].refused_for_capacity, std::nullopt);
  EXPECT_EQ(rows[0].cpu_cores, std::nullopt);
  // Nothing was closed or refused: then it needs no telling whose doing it was.
  EXPECT_EQ(rows[1].moved_by_scaling, 0);
  EXPECT_EQ(rows[1].cut_by_failure, 0);
  EXPECT_EQ(rows[1].refused_for_capacity, 0);
}

TEST(LiveRecord, WhatIsMissedInRoomsAndStoredInRedisIsNotKnown) {
  ServerSettings server;
  const std::vector<FleetSecond> fleet(1, known_second());
  EXPECT_EQ(live_rows(fleet, {}, {}, server)[0].deliveries_missed, 0);
  EXPECT_EQ(live_rows(fleet, {}, {}, server)[0].sessions_stored, 0);
  server.mode = MessageMode::broadcast;
  server.redis = true;
  EXPECT_EQ(live_rows(fleet, {}, {}, server)[0].deliveries_missed, std::nullopt);
  EXPECT_EQ(live_rows(fleet, {}, {}, server)[0].sessions_stored, std::nullopt);
}

}  // namespace
}  // namespace wsfleet
