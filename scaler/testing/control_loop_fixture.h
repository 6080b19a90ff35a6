// SPDX-License-Identifier: Apache-2.0
#pragma once
// A control loop over a fake world of two pods, one tick long unless a test says otherwise. Tests
// only.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "scaler/control_loop.h"
#include "scaler/testing/fake_world.h"

namespace wsfleet {

using Calls = std::vector<std::string>;
using Times = std::vector<double>;

class LoopFixture : public testing::Test {
 protected:
  LoopFixture() {
    cluster_.current.replicas = 2;
    cluster_.current.status_replicas = 2;
    cluster_.add_pod("a");
    cluster_.add_pod("b");
    metrics_.samples = {{"a", {100, 3 * kSecond}}, {"b", {50, 8 * kSecond}}};
    settings_.interval = 10 * kSecond;
    clock_.stop = 0;  // one tick
  }

  ControlLoopSummary run() { return run(policy_); }
  ControlLoopSummary run(Policy& policy) {
    const auto summary = run_control_loop(policy, settings_, clock_, cluster_, metrics_, recorder_);
    EXPECT_TRUE(summary);
    return *summary;
  }
  void order(int replicas) { policy_.fixed.replicas = replicas; }

  std::vector<double> decision_times() const {
    std::vector<double> times;
    for (const Observation& observation : recorder_.observations) {
      times.push_back(observation.time_s);
    }
    return times;
  }

  FakeClock clock_;
  FakeCluster cluster_{clock_};
  FakeMetrics metrics_;
  FakeRecorder recorder_;
  FakePolicy policy_;
  ControlLoopSettings settings_;
};

}  // namespace wsfleet
