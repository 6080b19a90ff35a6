// SPDX-License-Identifier: Apache-2.0
// Terminations, drains and sheds: what becomes of the sockets.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "cluster/simulated/testing/small_fleet.h"

namespace wsfleet {
namespace {

void scale_to_one_at_300s(World& world) {
  world.clock.sleep_until(300 * kSecond);
  (void)world.cluster.set_replicas(1);
}

// "moved cut_by_scaling cut_by_failure lost" and the time, in seconds after 300, of the last close.
std::string closes(const CountingRecorder& recorder) {
  std::int64_t last = -1;
  for (const SecondRow& row : recorder.rows) {
    if (*row.moved_by_scaling + *row.cut_by_scaling > 0) last = row.time_s - 300;
  }
  return fmt::format("moved {} cut {} failure {} lost {} last {}", *recorder.sum.moved_by_scaling,
                     *recorder.sum.cut_by_scaling, *recorder.sum.cut_by_failure,
                     recorder.sum.sessions_lost, last);
}

// 100 sessions are there, 50 on each pod; the drained pod's reconnect to the other one.
TEST(Drains, PacedOverThirtySeconds) {
  RunDescription settings = small_fleet();
  settings.server.drain.over = 30 * kSecond;
  const std::string report = simulated(settings, scale_to_one_at_300s, closes);
  int moved = 0;
  int last = 0;
  ASSERT_EQ(std::sscanf(report.c_str(), "moved %d cut 0 failure 0 lost 0 last %d", &moved, &last),
            2)
      << report;
  EXPECT_NEAR(moved, 42, 12);  // some end by themselves meanwhile
  EXPECT_NEAR(last, 28, 3);
}

TEST(Drains, ImmediateClosesAllAtOnce) {
  RunDescription settings = small_fleet();
  settings.server.drain.mode = DrainMode::immediate;
  const std::string report = simulated(settings, scale_to_one_at_300s, closes);
  int moved = 0;
  ASSERT_EQ(std::sscanf(report.c_str(), "moved %d cut 0 failure 0 lost 0 last 0", &moved), 1)
      << report;
  EXPECT_NEAR(moved, 50, 15);
}

TEST(Drains, NoneCutsWhoIsLeftWhenTheGraceEnds) {
  RunDescription settings = small_fleet();
  settings.server.drain.mode = DrainMode::none;
  settings.server.termination_grace = 20 * kSecond;
  const std::string report = simulated(settings, scale_to_one_at_300s, closes);
  int cut = 0;
  ASSERT_EQ(std::sscanf(report.c_str(), "moved 0 cut %d failure 0 lost 0 last 20", &cut), 1)
      << report;
  EXPECT_NEAR(cut, 40, 15);
}

TEST(Drains, WithoutReconnectsTheyAreLost) {
  RunDescription settings = small_fleet();
  settings.server.drain.mode = DrainMode::immediate;
  settings.workload.reconnect.kind = ReconnectKind::none;
  settings.server.max_connections = 300;  // nobody is refused
  settings.cluster.control_plane.endpoint_propagation = 0;
  const std::string report = simulated(settings, scale_to_one_at_300s, [](const auto& recorder) {
    return fmt::format("{}", *recorder.sum.moved_by_scaling == recorder.sum.sessions_lost &&
                                 *recorder.sum.moved_by_scaling > 0);
  });
  EXPECT_EQ(report, "true");
}

TEST(Drains, APodLeavesAsSoonAsItIsEmpty) {
  RunDescription settings = small_fleet();
  settings.server.drain.mode = DrainMode::immediate;
  settings.server.termination_grace = 60 * kSecond;
  const std::string report = simulated(settings, scale_to_one_at_300s, [](const auto& recorder) {
    for (const FleetEvent& event : recorder.events) {
      if (event.kind == "pod_gone") return fmt::format("{:.0f}", to_seconds(event.time) - 300);
    }
    return std::string("never");
  });
  EXPECT_TRUE(report == "0" || report == "1") << report;
}

// The scaler's own verbs. A drained pod stays, empty, and is not sent new sockets.
TEST(Drains, TheDrainVerbEmptiesAPodInService) {
  RunDescription settings = small_fleet();
  const auto body = [](World& world) {
    world.clock.sleep_until(300 * kSecond);
    const auto state = world.cluster.state();
    (void)world.cluster.drain(state->pods[1].uid);
    world.clock.sleep_until(360 * kSecond);
    const auto later = world.cluster.state();
    const auto samples = world.metrics.connections();
    const bool right = later->pods[1].draining && !later->pods[1].ready &&
                       samples->at(later->pods[1].uid).value == 0;
    world.recorder.event({0, right ? "right" : "wrong", "", "", "", ""});
  };
  const std::string report = simulated(settings, body, [](const auto& recorder) {
    return recorder.events.back().kind + (*recorder.sum.cut_by_scaling == 0 ? "" : " cut") +
           (*recorder.sum.moved_by_scaling > 20 ? " moved" : "");
  });
  EXPECT_EQ(report, "right moved");
}

// It was empty when SIGTERM came: there is nothing to wait for.
TEST(Drains, APodThatWasDrainedLeavesAtOnceWhenItIsRemoved) {
  RunDescription settings = small_fleet();
  settings.server.drain.over = 10 * kSecond;
  settings.server.termination_grace = 60 * kSecond;
  const auto body = [](World& world) {
    world.clock.sleep_until(200 * kSecond);
    (void)world.cluster.drain(world.cluster.state()->pods[1].uid);
    scale_to_one_at_300s(world);
  };
  const std::string report = simulated(settings, body, [](const auto& recorder) {
    for (const FleetEvent& event : recorder.events) {
      if (event.kind == "pod_gone") return fmt::format("{:.0f}", to_seconds(event.time) - 300);
    }
    return std::string("never");
  });
  EXPECT_TRUE(report == "0" || report == "1") << report;
}

// Nobody is open when the drain begins, and its first closes are due before anyone is.
TEST(Drains, HandshakesThatWereUnderWayAreClosedAsWell) {
  RunDescription settings = small_fleet();
  settings.server.costs.handshake_cpu = kSecond;
  settings.server.drain.over = 30 * kSecond;
  settings.workload.length.mean = kHour;
  settings.workload.reconnect.connect_timeout = kMinute;
  settings.workload.arrivals.shape = ArrivalShape::steps;
  settings.workload.arrivals.steps = {{0, 0}, {299 * kSecond, 20}, {300 * kSecond, 0}};
  const auto body = [](World& world) {
    world.clock.sleep_until(300 * kSecond);
    const std::string uid = world.cluster.state()->pods[1].uid;
    (void)world.cluster.drain(uid);
    world.clock.sleep_until(400 * kSecond);
    const bool empty = world.metrics.connections()->at(uid).value == 0;
    world.recorder.event({0, empty ? "empty" : "not empty", "", "", "", ""});
  };
  const std::string report = simulated(settings, body, [](const auto& recorder) {
    return recorder.events.back().kind + (recorder.sum.moved_by_scaling > 4 ? " moved" : "");
  });
  EXPECT_EQ(report, "empty moved");
}

TEST(Drains, TheShedVerbClosesAShare) {
  RunDescription settings = small_fleet();
  settings.workload.length.mean = kHour;  // nobody leaves by itself
  settings.workload.arrivals.shape = ArrivalShape::steps;
  settings.workload.arrivals.steps = {{0, 1}, {100 * kSecond, 0}};
  const auto body = [](World& world) {
    world.clock.sleep_until(300 * kSecond);
    const auto state = world.cluster.state();
    (void)world.cluster.shed(state->pods[0].uid, 0.5);
  };
  const std::string report = simulated(settings, body, [](const auto& recorder) {
    const std::int64_t half = recorder.rows[299].connections / 4;  // half of one of two pods
    const bool near = std::abs(*recorder.sum.closed_by_shedding - half) <= 2;
    const bool back = recorder.rows.back().connections == recorder.rows[299].connections;
    return fmt::format("{} {} {}", near, back, recorder.sum.sessions_lost);
  });
  EXPECT_EQ(report, "true true 0");
}

TEST(Drains, VerbsForPodsThatAreNotThereFail) {
  const auto body = [](World& world) {
    const bool all = !world.cluster.drain("nobody") && !world.cluster.shed("nobody", 0.5) &&
                     !world.cluster.set_deletion_cost("nobody", 1);
    const auto state = world.cluster.state();
    const auto cost = world.cluster.set_deletion_cost(state->pods[0].uid, 1);  // a StatefulSet
    const bool unsupported = !cost && cost.error().kind == ErrorKind::unsupported;
    world.recorder.event({0, all && unsupported ? "right" : "wrong", "", "", "", ""});
  };
  EXPECT_EQ(simulated(small_fleet(), body,
                      [](const auto& recorder) { return recorder.events.back().kind; }),
            "right");
}

// A Deployment removes the pod of the lowest deletion cost, here the one with fewest sockets.
TEST(Drains, DeletionCostPicksTheVictim) {
  RunDescription settings = small_fleet();
  settings.cluster.controller = ControllerKind::deployment;
  const auto body = [](World& world) {
    world.clock.sleep_until(100 * kSecond);
    const auto state = world.cluster.state();
    (void)world.cluster.set_deletion_cost(state->pods[0].uid, -5);
    (void)world.cluster.set_replicas(1);
    world.clock.sleep_until(101 * kSecond);
    const auto later = world.cluster.state();
    const bool right = later->pods[0].terminating && !later->pods[1].terminating;
    world.recorder.event({0, right ? "right" : "wrong", "", "", "", ""});
  };
  const std::string report = simulated(settings, body, [](const auto& recorder) {
    for (const FleetEvent& event : recorder.events) {
      if (event.kind == "right" || event.kind == "wrong") return event.kind;
    }
    return std::string("nothing");
  });
  EXPECT_EQ(report, "right");
}

}  // namespace
}  // namespace wsfleet
