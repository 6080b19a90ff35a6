// SPDX-License-Identifier: Apache-2.0
#include "cluster/surroundings.h"

#include <gtest/gtest.h>

#include "cluster/network_delays.h"
#include "server/rules.h"

namespace wsfleet {
namespace {

TEST(Surroundings, WhatIsNotKnownStaysAsTheScenarioHasIt) {
  const ClusterSettings scenario;
  const ClusterSettings same = in_surroundings(scenario, {}, {});
  EXPECT_EQ(same.network.client_latency, scenario.network.client_latency);
  EXPECT_EQ(same.pod.start, scenario.pod.start);
  EXPECT_EQ(same.pod.image_bytes, scenario.pod.image_bytes);
  EXPECT_EQ(same.readiness.initial_delay, scenario.readiness.initial_delay);
  EXPECT_EQ(same.control_plane.endpoint_propagation, scenario.control_plane.endpoint_propagation);
}

// Read back from what a simulated attempt takes with it.
TEST(Surroundings, TheClientsLatencyIsThatOfWhichSuchAnAttemptIsMade) {
  for (const bool tls : {false, true}) {
    for (const IngressKind ingress : {IngressKind::nginx, IngressKind::none}) {
      ServerSettings server;
      server.tls = tls;
      ClusterSettings there;
      there.ingress = ingress;
      there.network.client_latency = 7 * kMillisecond;
      const TimeNs attempt = reach_delay(there, tls) + handshake_work(server) + reply_delay(there);
      ClusterSettings scenario = there;
      scenario.network.client_latency = 20 * kMillisecond;
      const ClusterSettings got =
          in_surroundings(scenario, server, {.attempt_time_p50_s = to_seconds(attempt)});
      EXPECT_NEAR(to_seconds(got.network.client_latency), 0.007, 1e-6);
    }
  }
}

TEST(Surroundings, AnAttemptFasterThanTheRestOfItHasNoLatency) {
  const ClusterSettings got = in_surroundings({}, {}, {.attempt_time_p50_s = 1e-6});
  EXPECT_EQ(got.network.client_latency, 0);
}

TEST(Surroundings, APodIsReadyWhenThoseOfTheRunWere) {
  ClusterSettings scenario;
  scenario.pod.start = kSecond;
  const ClusterSettings slow = in_surroundings(scenario, {}, {.pod_ready_p50_s = 3.5});
  EXPECT_EQ(slow.readiness.initial_delay + slow.control_plane.scheduling, from_seconds(3.5));
  EXPECT_EQ(slow.pod.start, kSecond);
  EXPECT_EQ(slow.pod.image_bytes, 0);
  const ClusterSettings fast = in_surroundings(scenario, {}, {.pod_ready_p50_s = 0.3});
  EXPECT_LT(fast.pod.start, fast.readiness.initial_delay);
  EXPECT_EQ(fast.readiness.initial_delay + fast.control_plane.scheduling, from_seconds(0.3));
}

TEST(Surroundings, TheIngressKnowsAsSoonAsItDid) {
  const ClusterSettings got = in_surroundings({}, {}, {.endpoints_known_p50_s = 0.004});
  EXPECT_EQ(got.control_plane.endpoint_propagation, from_seconds(0.004));
}

}  // namespace
}  // namespace wsfleet
