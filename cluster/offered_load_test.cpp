// SPDX-License-Identifier: Apache-2.0
// What the session store and rooms add to the offered load. (What sockets and messages need is
// held against the simulation in engine/scenario/forecast_test.cpp.)
#include "cluster/offered_load.h"

#include <gtest/gtest.h>

#include "cluster/room_traffic.h"

namespace wsfleet {
namespace {

/// Nothing costs anything but what a test says.
ServerSettings free_server() {
  ServerSettings server;
  server.redis = true;
  server.costs.handshake_cpu = 0;
  server.costs.ping_cpu = 0;
  server.costs.message_cpu = 0;
  server.costs.session_store_cpu = 0;
  server.costs.delivery_cpu = 0;
  server.costs.fanout_cpu = 0;
  return server;
}

OfferedSecond second_of(OfferedLoad& load, std::int64_t second) {
  for (std::int64_t i = 0; i < second; ++i) load.take(i);
  return load.take(second);
}

TEST(OfferedLoad, SessionsAreWrittenRefreshedAndRemoved) {
  ServerSettings server = free_server();
  server.costs.session_store_cpu = 10 * kMillisecond;
  const auto filled = [&] {
    OfferedLoad load(kMinute, {}, server, {});
    for (int i = 0; i < 100; ++i) load.session(0, 20 * kSecond);
    return load;
  };
  OfferedLoad load = filled();
  // 100 written in a second, and all refreshed every 20 s.
  EXPECT_NEAR(second_of(load, 0).cpu_cores, 1.0 + 0.05, 1e-9);
  load = filled();
  EXPECT_NEAR(second_of(load, 15).cpu_cores, 0.05, 1e-9);
  load = filled();
  // They are gone, removed in a second of the last ten.
  EXPECT_NEAR(second_of(load, 25).cpu_cores, 0.1, 1e-9);
  load = filled();
  EXPECT_NEAR(second_of(load, 35).cpu_cores, 0.0, 1e-9);
}

TEST(OfferedLoad, RoomsNeedTheFewestPodsThatCanCarryThem) {
  ServerSettings server = free_server();
  server.mode = MessageMode::broadcast;
  server.costs.delivery_cpu = kMicrosecond;
  server.costs.fanout_cpu = 400 * kMicrosecond;
  WorkloadSettings workload;
  workload.messages_per_second = 1;
  workload.rooms = 50;
  Objective objective;
  objective.connections_per_pod = 1000;
  objective.cores_per_pod = 0.8;
  OfferedLoad load(kMinute, workload, server, objective);
  for (int i = 0; i < 4000; ++i) load.initial_session(kHour);
  const double cores = load.take(0).cpu_cores;

  const auto cores_on = [&](int pods) {
    const RoomPlace place{4000.0 / pods, 4000, 4000, true};
    return pods * room_cores(server.costs, room_traffic(workload, server, place));
  };
  const int pods = demand(objective, 4000, cores);
  EXPECT_GT(pods, 4);  // more than the connections alone would need
  EXPECT_NEAR(cores, cores_on(pods), 1e-9);
  EXPECT_GT(demand(objective, 4000, cores_on(pods - 1)), pods - 1);
}

TEST(OfferedLoad, WithoutRedisMembersAreReachedAllTheSame) {
  ServerSettings server = free_server();
  server.redis = false;
  server.mode = MessageMode::broadcast;
  server.costs.delivery_cpu = kMicrosecond;
  WorkloadSettings workload;
  workload.messages_per_second = 1;
  workload.rooms = 50;
  OfferedLoad load(kMinute, workload, server, {});
  for (int i = 0; i < 4000; ++i) load.initial_session(kHour);
  EXPECT_NEAR(load.take(0).cpu_cores, 4000 * 3999 / 50.0 * 1e-6, 1e-9);
}

}  // namespace
}  // namespace wsfleet
