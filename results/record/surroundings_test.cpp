// SPDX-License-Identifier: Apache-2.0
#include "results/record/surroundings.h"

#include <gtest/gtest.h>

#include <cmath>

#include "results/testing/sample_runs.h"

namespace wsfleet {
namespace {

FleetEvent of_pod(const std::string& uid, TimeNs time, const std::string& kind) {
  FleetEvent event = event_at(time, kind);
  event.uid = uid;
  return event;
}

TEST(Surroundings, AreMediansOfAttemptsAndOfPodsUntilTheirFirstReadiness) {
  ClientHistograms clients;
  clients.attempt_time.record(kMillisecond);
  clients.attempt_time.record(2 * kMillisecond);
  clients.attempt_time.record(kSecond);
  Surroundings met;
  measure_surroundings(
      {of_pod("early", 0, "pod_created"), of_pod("early", kSecond, "pod_ready"),
       of_pod("a", 10 * kSecond, "pod_created"), of_pod("b", 11 * kSecond, "pod_created"),
       of_pod("b", 13 * kSecond, "pod_ready"), of_pod("a", 14 * kSecond, "pod_ready"),
       of_pod("b", 15 * kSecond, "pod_unready"), of_pod("b", 40 * kSecond, "pod_ready"),
       of_pod("never", 41 * kSecond, "pod_created")},
      clients, met);
  EXPECT_NEAR(met.attempt_time_p50_s, 0.002, 0.0001);
  EXPECT_NEAR(met.pod_ready_p50_s, 2, 0.04);
}

TEST(Surroundings, WhatWasNotSeenIsNotKnown) {
  Surroundings met;
  measure_surroundings({}, {}, met);
  EXPECT_TRUE(std::isnan(met.attempt_time_p50_s));
  EXPECT_TRUE(std::isnan(met.pod_ready_p50_s));
}

}  // namespace
}  // namespace wsfleet
