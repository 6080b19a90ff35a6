// SPDX-License-Identifier: Apache-2.0
// The closed forms against an enumeration over sessions and their rooms.
#include "cluster/room_traffic.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "loadgen/sessions.h"

namespace wsfleet {
namespace {

WorkloadSettings talk(std::int64_t rooms) {
  WorkloadSettings workload;
  workload.messages_per_second = 2;
  workload.rooms = rooms;
  return workload;
}

ServerSettings broadcasting() {
  ServerSettings server;
  server.mode = MessageMode::broadcast;
  server.redis = true;
  return server;
}

/// Sessions 0 .. count - 1, spread over pods by turns: members of each room by pod.
using Members = std::map<std::uint64_t, std::vector<int>>;
Members members_of(const WorkloadSettings& workload, int count, int pods) {
  const SessionModel model(workload, RandomStreams(11));
  Members members;
  for (int serial = 0; serial < count; ++serial) {
    auto& room = members[model.room(static_cast<std::uint64_t>(serial))];
    room.resize(static_cast<std::size_t>(pods));
    ++room[static_cast<std::size_t>(serial % pods)];
  }
  return members;
}

/// On the first pod. Pods from `linked` on hear and are heard by nobody else.
RoomTraffic enumerated(const WorkloadSettings& workload, int count, int pods, int linked) {
  RoomTraffic traffic;
  const bool first_is_linked = linked > 0;
  for (const auto& [room, by_pod] : members_of(workload, count, pods)) {
    const double own = by_pod[0];
    double heard = own;
    double all = 0;
    for (int pod = 0; pod < pods; ++pod) {
      const double there = by_pod[static_cast<std::size_t>(pod)];
      all += there;
      if (pod > 0 && pod < linked && first_is_linked) heard += there;
    }
    traffic.deliveries += own * (heard - 1);
    traffic.missed += own * (all - heard);
    if (first_is_linked) traffic.published += own;
    if (own > 0) traffic.received += heard - own;
  }
  traffic.deliveries *= workload.messages_per_second;
  traffic.missed *= workload.messages_per_second;
  traffic.published *= workload.messages_per_second;
  traffic.received *= workload.messages_per_second;
  return traffic;
}

void expect_close(const RoomTraffic& formula, const RoomTraffic& counted) {
  EXPECT_NEAR(formula.deliveries, counted.deliveries, 0.04 * counted.deliveries);
  EXPECT_NEAR(formula.missed, counted.missed, 0.04 * counted.missed);
  EXPECT_NEAR(formula.published, counted.published, 1e-6);
  EXPECT_NEAR(formula.received, counted.received, 0.04 * counted.received);
}

TEST(RoomTraffic, AllPodsLinked) {
  for (const std::int64_t rooms : {1, 100, 4000}) {
    const RoomTraffic formula =
        room_traffic(talk(rooms), broadcasting(), {2000, 8000, 8000, /*is_linked=*/true});
    EXPECT_GT(formula.deliveries, 0);
    EXPECT_EQ(formula.missed, 0);
    expect_close(formula, enumerated(talk(rooms), 8000, 4, 4));
  }
}

TEST(RoomTraffic, OnePodOfFourIsNotLinked) {
  const RoomTraffic formula =
      room_traffic(talk(100), broadcasting(), {2000, 6000, 8000, /*is_linked=*/true});
  EXPECT_GT(formula.missed, 0);
  expect_close(formula, enumerated(talk(100), 8000, 4, 3));
}

TEST(RoomTraffic, WithoutALinkRoomsEndAtThePod) {
  const RoomTraffic formula =
      room_traffic(talk(100), broadcasting(), {2000, 6000, 8000, /*is_linked=*/false});
  EXPECT_EQ(formula.received, 0);
  EXPECT_EQ(formula.published, 0);
  expect_close(formula, enumerated(talk(100), 8000, 4, 0));
}

TEST(RoomTraffic, OneRoomIsExact) {
  const RoomTraffic all = room_traffic(talk(1), broadcasting(), {30, 100, 120, /*is_linked=*/true});
  EXPECT_DOUBLE_EQ(all.deliveries, 2 * 30 * 99.0);
  EXPECT_DOUBLE_EQ(all.missed, 2 * 30 * 20.0);
  EXPECT_DOUBLE_EQ(all.received, 2 * 70.0);
}

TEST(RoomTraffic, EchoesAndSilenceDeliverNothing) {
  ServerSettings echo = broadcasting();
  echo.mode = MessageMode::echo;
  const RoomPlace place{10, 20, 20, true};
  EXPECT_EQ(room_cores(echo.costs, room_traffic(talk(5), echo, place)), 0);
  EXPECT_EQ(room_cores(echo.costs, room_traffic(talk(0), broadcasting(), place)), 0);
  WorkloadSettings silent = talk(5);
  silent.messages_per_second = 0;
  EXPECT_EQ(room_cores(echo.costs, room_traffic(silent, broadcasting(), place)), 0);
}

TEST(RoomTraffic, CoresAreDeliveriesAndFanOut) {
  CostProfile costs;
  costs.delivery_cpu = 2 * kMicrosecond;
  costs.fanout_cpu = 10 * kMicrosecond;
  EXPECT_NEAR(room_cores(costs, {.deliveries = 1000, .missed = 9, .published = 30, .received = 70}),
              0.003, 1e-12);
}

}  // namespace
}  // namespace wsfleet
