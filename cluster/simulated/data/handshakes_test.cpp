// SPDX-License-Identifier: Apache-2.0
// Handshakes share the pod's CPU: their mean time in the system against M/G/1 processor sharing,
// E[T] = S / (1 - rho) whatever the distribution of S (Kleinrock, Queueing Systems II, 4.4).
#include <gtest/gtest.h>

#include <string>

#include "cluster/simulated/testing/small_fleet.h"

namespace wsfleet {
namespace {

// One pod, S = 2 ms, rate rho / S, no network, nobody gives up: the mean time of an attempt in ms.
double mean_handshake_ms(double rho, double seconds) {
  RunDescription settings = small_fleet();
  settings.duration = from_seconds(seconds);
  settings.initial_replicas = 1;
  settings.server.max_connections = 1'000'000;
  settings.server.costs.handshake_cpu = 2 * kMillisecond;
  settings.server.costs.ping_cpu = 0;
  settings.cluster.pod.memory_limit_bytes = 0;
  settings.workload.arrivals.rate = rho / 0.002;
  settings.workload.length.mean = kSecond;
  settings.workload.reconnect.connect_timeout = kHour;
  return std::stod(simulated(settings, do_nothing, [](const CountingRecorder& recorder) {
    return std::to_string(recorder.clients_seen.attempt_time.mean() / 1e6);
  }));
}

TEST(Handshakes, AgreeWithProcessorSharing) {
  EXPECT_NEAR(mean_handshake_ms(0.5, 2000) / (2 / 0.5), 1.0, 0.02);
  EXPECT_NEAR(mean_handshake_ms(0.8, 4000) / (2 / 0.2), 1.0, 0.03);
  EXPECT_NEAR(mean_handshake_ms(0.95, 20000) / (2 / 0.05), 1.0, 0.06);
}

// Twenty sessions at once, 10 ms each on one core: processor sharing ends all of them at 200 ms.
TEST(Handshakes, ACrowdSlowsItself) {
  RunDescription settings = small_fleet();
  settings.initial_replicas = 1;
  settings.server.costs.handshake_cpu = 10 * kMillisecond;
  settings.server.costs.ping_cpu = 0;
  settings.workload.arrivals.shape = ArrivalShape::steps;
  settings.workload.arrivals.steps = {{0, 0}, {kSecond, 2e6}, {kSecond + 10 * kMicrosecond, 0}};
  const std::string report = simulated(settings, do_nothing, [](const CountingRecorder& recorder) {
    const Histogram& times = recorder.clients_seen.attempt_time;
    return std::to_string(recorder.sum.opened) + " " +
           std::to_string(times.quantile(0.01) / 1e6 / static_cast<double>(recorder.sum.opened));
  });
  const std::size_t space = report.find(' ');
  EXPECT_GT(std::stoi(report), 5);
  EXPECT_NEAR(std::stod(report.substr(space)), 10, 0.3) << report;
}

// Handshakes of 1 s on a pod with one core, two a second: the queue grows, clients give up after 5
// s and come back; every attempt is accounted for.
TEST(Handshakes, ClientsGiveUpAndTryAgain) {
  RunDescription settings = small_fleet();
  settings.initial_replicas = 1;
  settings.server.costs.handshake_cpu = kSecond;
  settings.workload.arrivals.rate = 2;
  settings.workload.reconnect.connect_timeout = 5 * kSecond;
  settings.workload.reconnect.max_attempts = 3;
  const std::string report = simulated(settings, do_nothing, [](const CountingRecorder& recorder) {
    const SecondRow& sum = recorder.sum;
    return std::string(sum.failed > 100 ? "timeouts " : "") +
           (sum.sessions_lost > 10 ? "lost " : "") +
           (sum.attempts == sum.opened + sum.refused + sum.failed ? "balanced" : "unbalanced");
  });
  EXPECT_EQ(report, "timeouts lost balanced");
}

// 1.2 cores of handshakes for three pods on a node of one core: once the claims have settled, it is
// used up and no more (before the probes begin to fail).
TEST(Handshakes, ACrowdedNodeSlowsThem) {
  RunDescription settings = small_fleet();
  settings.initial_replicas = 3;
  settings.cluster.nodes.count = 1;
  settings.cluster.nodes.cores = 1;
  settings.cluster.pod.cpu_request = 0.3;
  settings.server.costs.handshake_cpu = 100 * kMillisecond;
  settings.server.max_connections = 100000;
  settings.workload.arrivals.rate = 12;  // 1.2 cores of work for one core
  settings.workload.length.mean = kSecond;
  const std::string report = simulated(settings, do_nothing, [](const CountingRecorder& recorder) {
    double used = 0;
    for (std::size_t i = 3; i < 23; ++i) used += *recorder.rows[i].cpu_cores / 20;
    return std::to_string(used);
  });
  EXPECT_NEAR(std::stod(report), 1.0, 0.05);
}

}  // namespace
}  // namespace wsfleet
