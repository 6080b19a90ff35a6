// SPDX-License-Identifier: Apache-2.0
// A pod's way into service and what it costs: scheduling, image pull, start, probe, propagation.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "cluster/simulated/testing/small_fleet.h"

namespace wsfleet {
namespace {

double time_of(const CountingRecorder& recorder, const std::string& kind, const std::string& pod) {
  for (const FleetEvent& event : recorder.events) {
    if (event.kind == kind && event.pod == pod) return to_seconds(event.time);
  }
  return -1;
}

void scale_to_four_at_60s(World& world) {
  world.clock.sleep_until(60 * kSecond);
  (void)world.cluster.set_replicas(4);
}

// Scheduled 20 ms after 60 s, started 2 s later, first probe 5 s after the container's start.
TEST(Kubelet, APodIsReadyAfterItsFirstGoodProbe) {
  const std::string report =
      simulated(small_fleet(), scale_to_four_at_60s, [](const CountingRecorder& recorder) {
        return fmt::format("{:.2f} {:.2f}", time_of(recorder, "pod_scheduled", "websocket-2") - 60,
                           time_of(recorder, "pod_ready", "websocket-2") - 60);
      });
  EXPECT_EQ(report, "0.03 5.03");  // with 5 ms of API latency
}

TEST(Kubelet, AMissedFirstProbeCostsAPeriod) {
  RunDescription settings = small_fleet();
  settings.cluster.pod.start = 6 * kSecond;  // the first probe, after 5 s, finds nobody
  const std::string report =
      simulated(settings, scale_to_four_at_60s, [](const CountingRecorder& recorder) {
        return fmt::format("{:.0f}", time_of(recorder, "pod_ready", "websocket-2") - 60);
      });
  EXPECT_EQ(report, "15");
}

TEST(Kubelet, OrderedReadyIsOneAtATimeAndParallelIsNot) {
  RunDescription settings = small_fleet();
  const auto report = [](const CountingRecorder& recorder) {
    return fmt::format("{:.0f}", time_of(recorder, "pod_ready", "websocket-3") - 60);
  };
  EXPECT_EQ(simulated(settings, scale_to_four_at_60s, report), "10");
  settings.cluster.pod_management = PodManagement::parallel;
  EXPECT_EQ(simulated(settings, scale_to_four_at_60s, report), "5");
}

// 600 MB over an uplink of 60 MB/s that two nodes share (two have the image): 20 s for both.
TEST(Kubelet, ImagePullsShareTheUplinkAndHappenOncePerNode) {
  RunDescription settings = small_fleet();
  settings.cluster.pod_management = PodManagement::parallel;
  settings.cluster.pod.image_bytes = 600'000'000;
  settings.cluster.network.registry_bytes_per_second = 60e6;
  const std::string report =
      simulated(settings, scale_to_four_at_60s, [](const CountingRecorder& recorder) {
        int pulls = 0;
        for (const FleetEvent& event : recorder.events) pulls += event.kind == "image_pulled";
        return fmt::format("{} {:.0f}", pulls, time_of(recorder, "pod_ready", "websocket-3") - 60);
      });
  EXPECT_EQ(report.substr(0, 2), "2 ");
  EXPECT_NEAR(std::stod(report.substr(2)), 25.5, 1.5);
}

TEST(Kubelet, APodThatFitsNowhereWaitsForRoom) {
  RunDescription settings = small_fleet();
  settings.cluster.nodes.count = 1;
  settings.cluster.nodes.cores = 1;
  settings.cluster.pod.cpu_request = 0.4;  // two fit
  const auto body = [](World& world) {
    world.clock.sleep_until(60 * kSecond);
    (void)world.cluster.set_replicas(3);
    world.clock.sleep_until(120 * kSecond);
    const auto state = world.cluster.state();
    const bool waits = state->pods.size() == 3 && state->pods[2].node.empty() &&
                       state->pods[2].phase == PodPhase::pending;
    world.recorder.event({0, waits ? "waits" : "wrong", "", "", "", ""});
  };
  const std::string report = simulated(settings, body, [](const CountingRecorder& recorder) {
    std::string kinds;
    for (const FleetEvent& event : recorder.events) {
      if (event.kind == "pod_unschedulable" || event.kind == "waits") kinds += event.kind + " ";
    }
    return kinds;
  });
  EXPECT_EQ(report, "pod_unschedulable waits ");
}

// 20 MiB base and 8 KiB a socket: 20.5 MiB hold 64 sockets, the 65th kills the container.
TEST(Kubelet, OutOfMemoryKillsAndRestartsWithBackOff) {
  RunDescription settings = small_fleet();
  settings.initial_replicas = 1;
  settings.cluster.pod.memory_limit_bytes = (20 << 20) + (512 << 10);
  const std::string report = simulated(settings, do_nothing, [](const CountingRecorder& recorder) {
    std::string text;
    for (const FleetEvent& event : recorder.events) {
      if (event.kind == "pod_restart") text += event.detail + "; ";
    }
    return text + fmt::format("{}", *recorder.sum.cut_by_failure >= 65);
  });
  EXPECT_EQ(report.substr(0, 25), "in 0s; in 10.0s; in 20.0s");
  EXPECT_EQ(report.substr(report.size() - 4), "true");
}

TEST(Kubelet, AFullPodLeavesTheIngressWhenAsked) {
  RunDescription settings = small_fleet();
  settings.initial_replicas = 1;
  settings.workload.arrivals.rate = 2;  // 200 sessions want in, 100 may
  const auto unready = [](const CountingRecorder& recorder) {
    return std::to_string(time_of(recorder, "pod_unready", "websocket-0") > 0);
  };
  EXPECT_EQ(simulated(settings, do_nothing, unready), "0");
  settings.server.ready_when_full = false;
  EXPECT_EQ(simulated(settings, do_nothing, unready), "1");
}

TEST(Kubelet, EndpointsTakeTheirTimeToReachTheIngress) {
  RunDescription settings = small_fleet();
  settings.initial_replicas = 1;
  settings.workload.arrivals.rate = 3;
  settings.cluster.control_plane.endpoint_propagation = 20 * kSecond;
  const auto body = [](World& world) { (void)world.cluster.set_replicas(2); };
  const std::string report = simulated(settings, body, [](const CountingRecorder& recorder) {
    // Ready at 5 s, used from 25 s on: until then all are on the first pod.
    return fmt::format("{:.2f} {:.2f}", *recorder.rows[23].jain_index,
                       *recorder.rows[60].jain_index);
  });
  EXPECT_EQ(report.substr(0, 4), "0.50");
  EXPECT_GT(std::stod(report.substr(5)), 0.8);
}

TEST(Kubelet, PodSecondsCountFromScheduledToGone) {
  RunDescription settings = small_fleet();
  settings.workload.arrivals.rate = 0;
  const auto body = [](World& world) {
    world.clock.sleep_until(100 * kSecond);
    (void)world.cluster.set_replicas(1);
  };
  const std::string report = simulated(settings, body, [](const CountingRecorder& recorder) {
    return std::to_string(recorder.sum.pod_seconds);
  });
  EXPECT_NEAR(std::stod(report), 600 + 100, 2);
}

TEST(Kubelet, RowsCoverTheWholeRunAndDemandIsTheOfferedLoad) {
  RunDescription settings = small_fleet();
  const std::string report = simulated(settings, do_nothing, [](const CountingRecorder& recorder) {
    bool in_order = recorder.rows.size() == 600;
    for (std::size_t i = 0; i < recorder.rows.size(); ++i) {
      in_order = in_order && recorder.rows[i].time_s == static_cast<std::int64_t>(i);
    }
    // Nobody is refused: what is offered is what is there, but for those on their way.
    const SecondRow& row = recorder.rows[400];
    const bool offered = std::abs(row.offered_sessions - row.connections) <= 1;
    return fmt::format("{} {} {}", in_order, offered,
                       recorder.sum.arrivals - recorder.sum.attempts <= 1);
  });
  EXPECT_EQ(report, "true true true");
}

}  // namespace
}  // namespace wsfleet
