// SPDX-License-Identifier: Apache-2.0
#pragma once
// For tests of a term: leadership that is there until it is taken away, and a fleet in memory.

#include <optional>
#include <string>
#include <vector>

#include "scaler/live/parts.h"
#include "scaler/testing/fake_world.h"

namespace wsfleet {

class FakeLeadership : public Leadership {
 public:
  bool leading() override { return leads; }
  int term() override { return 1; }
  HandOver handed_over() override { return state; }
  Result<void> hand_over(const HandOver& next) override {
    if (error) return tl::unexpected(*error);
    state = next;
    return {};
  }
  std::string holder() override { return "me"; }
  int transitions() override { return 0; }
  TimeNs silence() override { return 0; }
  TimeNs time_left() override { return kNever; }

  bool leads = true;
  HandOver state;
  std::optional<Error> error;
};

class FakeFleet : public ScalerFleet {
 public:
  Cluster& cluster() override { return fleet; }
  Metrics& metrics() override { return samples; }
  void tell(const std::string& reason, const std::string& message, bool) override {
    events.push_back(reason + ": " + message);
  }

  FakeClock clock;
  FakeCluster fleet{clock};
  FakeMetrics samples;
  std::vector<std::string> events;
};

}  // namespace wsfleet
