// SPDX-License-Identifier: Apache-2.0
// Faults, and the API and metrics under them.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cluster/fault_victims.h"
#include "cluster/simulated/testing/small_fleet.h"

namespace wsfleet {
namespace {

Fault fault_of(FaultKind kind, TimeNs duration, int count = 1) {
  Fault fault;
  fault.kind = kind;
  fault.duration = duration;
  fault.count = count;
  return fault;
}

std::function<void(World&)> inject_at_200s(Fault fault) {
  return [fault](World& world) {
    world.clock.sleep_until(200 * kSecond);
    (void)world.faults.inject(fault);
  };
}

int count_events(const CountingRecorder& recorder, const std::string& kind) {
  int count = 0;
  for (const FleetEvent& event : recorder.events) count += event.kind == kind ? 1 : 0;
  return count;
}

TEST(Faults, AKilledPodIsReplacedAndItsClientsComeBack) {
  const std::string report =
      simulated(small_fleet(), inject_at_200s(fault_of(FaultKind::pod_kill, 0)),
                [](const CountingRecorder& recorder) {
                  return fmt::format("{} {} {} {}", count_events(recorder, "pod_created"),
                                     *recorder.sum.cut_by_failure > 30, recorder.sum.sessions_lost,
                                     recorder.rows[599].ready_replicas);
                });
  EXPECT_EQ(report, "1 true 0 2");
}

/// The pods that went, of six.
std::string killed(const std::vector<Fault>& faults) {
  RunDescription settings = small_fleet();
  settings.initial_replicas = 6;
  const auto body = [&faults](World& world) {
    for (const Fault& fault : faults) {
      world.clock.sleep_until(fault.at);
      (void)world.faults.inject(fault);
    }
  };
  return simulated(settings, body, [](const CountingRecorder& recorder) {
    std::string pods;
    for (const FleetEvent& event : recorder.events) {
      if (event.kind == "pod_gone") pods += event.uid + " ";
    }
    return pods;
  });
}

// A fault that came before takes no draws of the next one's.
TEST(Faults, VictimsAreThoseOfTheFaultNotOfWhatCameBefore) {
  Fault first = fault_of(FaultKind::network_cut, kSecond, 2);
  first.at = 100 * kSecond;
  Fault second = fault_of(FaultKind::pod_kill, 0, 2);
  second.at = 200 * kSecond;
  second.index = 1;
  std::string expected;
  for (const std::size_t victim : choose_victims(small_fleet().seed, 1, 2, 6)) {
    expected += fmt::format("pod-{:06} ", victim);
  }
  EXPECT_EQ(killed({second}), expected);
  EXPECT_EQ(killed({first, second}), expected);
}

// As on a cluster: a pod that drains is on its way out anyway.
TEST(Faults, APodThatIsTerminatingIsNobodysVictim) {
  auto settings = small_fleet();
  settings.server.drain.mode = DrainMode::none;
  const auto body = [](World& world) {
    world.clock.sleep_until(199 * kSecond);
    (void)world.cluster.set_replicas(1);
    inject_at_200s(fault_of(FaultKind::pod_kill, 0, 5))(world);
  };
  const std::string report = simulated(settings, body, [](const CountingRecorder& recorder) {
    std::string ends;
    for (const FleetEvent& event : recorder.events) {
      if (event.kind == "pod_gone") ends += event.uid + ": " + event.detail.substr(0, 9) + "; ";
    }
    return ends;
  });
  EXPECT_EQ(report, "pod-000000: killed by; pod-000001: killed as; ");
}

// A dead node is noticed after 40 s; until then the ingress sends clients into silence.
TEST(Faults, ANodeLossIsNoticedLate) {
  const std::string report = simulated(
      small_fleet(), inject_at_200s(fault_of(FaultKind::node_down, 2 * kMinute)),
      [](const CountingRecorder& recorder) {
        double unready = 0;
        for (const FleetEvent& event : recorder.events) {
          if (event.kind == "pod_unready") unready = to_seconds(event.time);
        }
        return fmt::format("{:.0f} {} {} {}", unready, recorder.sum.failed > 5,
                           *recorder.sum.cut_by_failure > 30, recorder.rows[599].ready_replicas);
      });
  EXPECT_EQ(report, "240 true true 2");
}

// After five minutes a Deployment replaces the pod elsewhere; a StatefulSet waits for the node.
TEST(Faults, OnlyADeploymentReplacesPodsOfADeadNode) {
  RunDescription settings = small_fleet();
  const auto body = inject_at_200s(fault_of(FaultKind::node_down, kHour));
  const auto ready = [](const CountingRecorder& recorder) {
    return std::to_string(recorder.rows[599].ready_replicas);
  };
  EXPECT_EQ(simulated(settings, body, ready), "1");
  settings.cluster.controller = ControllerKind::deployment;
  EXPECT_EQ(simulated(settings, body, ready), "2");
}

TEST(Faults, PrometheusAwayIsAnErrorAndNotAnEmptyAnswer) {
  const auto body = [](World& world) {
    world.clock.sleep_until(200 * kSecond);
    const auto before = world.metrics.connections();
    (void)world.faults.inject(fault_of(FaultKind::prometheus_outage, kMinute));
    world.clock.sleep_until(220 * kSecond);
    const auto during = world.metrics.connections();
    world.clock.sleep_until(280 * kSecond);
    const auto after = world.metrics.connections();
    const bool right = before && before->size() == 2 && !during &&
                       during.error().kind == ErrorKind::unavailable && after &&
                       after->size() == 2 && after->begin()->second.age < 16 * kSecond;
    world.recorder.event({0, right ? "right" : "wrong", "", "", "", ""});
  };
  EXPECT_EQ(simulated(small_fleet(), body,
                      [](const auto& recorder) { return recorder.events.back().kind; }),
            "right");
}

TEST(Faults, TheApiServerAwayRefusesReadsAndWrites) {
  const auto body = [](World& world) {
    (void)world.faults.inject(fault_of(FaultKind::api_outage, kMinute));
    const auto read = world.cluster.state();
    const auto write = world.cluster.set_replicas(5);
    world.clock.sleep_until(61 * kSecond);
    const auto later = world.cluster.state();
    const bool right = !read && read.error().kind == ErrorKind::unavailable && !write && later &&
                       later->replicas == 2;
    world.recorder.event({0, right ? "right" : "wrong", "", "", "", ""});
  };
  EXPECT_EQ(simulated(small_fleet(), body,
                      [](const auto& recorder) { return recorder.events.back().kind; }),
            "right");
}

TEST(Faults, ApiCallsTakeTimeConflictAndFail) {
  RunDescription settings = small_fleet();
  settings.cluster.control_plane.api_latency = 100 * kMillisecond;
  settings.cluster.control_plane.api_conflict_rate = 0.5;
  settings.cluster.control_plane.api_error_rate = 0.2;
  const auto body = [](World& world) {
    int conflicts = 0;
    int errors = 0;
    const TimeNs began = world.clock.now();
    for (int i = 0; i < 1000; ++i) {
      const auto answer = world.cluster.set_replicas(2);
      if (answer) continue;
      (answer.error().kind == ErrorKind::conflict ? conflicts : errors) += 1;
    }
    const double each = to_seconds(world.clock.now() - began) / 1000;
    const bool right = conflicts > 350 && conflicts < 450 && errors > 150 && errors < 250 &&
                       each > 0.1 && each < 0.1001;
    world.recorder.event({0, right ? "right" : "wrong", "", "", "", ""});
  };
  EXPECT_EQ(simulated(settings, body,
                      [](const auto& recorder) {
                        for (const FleetEvent& event : recorder.events) {
                          if (event.kind == "right" || event.kind == "wrong") return event.kind;
                        }
                        return std::string("nothing");
                      }),
            "right");
}

TEST(Faults, SlowStartSlowsStarts) {
  const auto body = [](World& world) {
    Fault fault = fault_of(FaultKind::slow_start, kMinute);
    fault.factor = 10;  // 20 s instead of 2: ready with the probe at 25 s
    (void)world.faults.inject(fault);
    (void)world.cluster.set_replicas(3);
  };
  const std::string report = simulated(small_fleet(), body, [](const auto& recorder) {
    for (const FleetEvent& event : recorder.events) {
      if (event.kind == "pod_ready") return fmt::format("{:.0f}", to_seconds(event.time));
    }
    return std::string("never");
  });
  EXPECT_EQ(report, "25");
}

// Sockets of a pod that is cut off hang and live on; new attempts at it time out.
TEST(Faults, ANetworkCutHangsAttemptsAndKeepsSockets) {
  RunDescription settings = small_fleet();
  const std::string report = simulated(
      settings, inject_at_200s(fault_of(FaultKind::network_cut, kMinute)),
      [](const CountingRecorder& recorder) {
        return fmt::format("{} {} {}", recorder.sum.failed > 3, *recorder.sum.cut_by_failure,
                           recorder.rows[599].ready_replicas);
      });
  EXPECT_EQ(report, "true 0 2");
}

// A scrape that fails leaves no sample, as Prometheus' staleness marker does: not the one before.
TEST(Faults, APodThatCannotBeScrapedHasNoSample) {
  RunDescription settings = small_fleet();
  const auto body = [](World& world) {
    world.clock.sleep_until(200 * kSecond);
    const auto before = world.metrics.connections();
    (void)world.faults.inject(fault_of(FaultKind::network_cut, kMinute));
    world.clock.sleep_until(240 * kSecond);
    const auto during = world.metrics.connections();
    world.clock.sleep_until(300 * kSecond);
    const auto after = world.metrics.connections();
    world.recorder.event({0, fmt::format("{} {} {}", before->size(), during->size(), after->size()),
                          "", "", "", ""});
  };
  const std::string report = simulated(
      settings, body, [](const CountingRecorder& recorder) { return recorder.events.back().kind; });
  EXPECT_EQ(report, "2 1 2");
}

}  // namespace
}  // namespace wsfleet
