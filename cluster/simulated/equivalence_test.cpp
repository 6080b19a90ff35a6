// SPDX-License-Identifier: Apache-2.0
// The lazy executor under SimGrid against the naive one: the same day of a fleet, with scale-downs,
// node losses and Redis outages, event for event. Runs the two fleet_day programs.
#include <gtest/gtest.h>

#include <cstdio>
#include <string>

namespace wsfleet {
namespace {

std::string output_of(const std::string& command) {
  std::string text;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return "popen failed";
  char buffer[512];
  while (fgets(buffer, sizeof buffer, pipe) != nullptr) text += buffer;
  if (pclose(pipe) != 0) text += "(failed)";
  return text;
}

TEST(Equivalence, ADayWithScaleDownsAndNodeLosses) {
  const std::string lazy = output_of(WSFLEET_FLEET_DAY_LAZY);
  const std::string naive = output_of(WSFLEET_FLEET_DAY_NAIVE);
  EXPECT_EQ(lazy, naive);
  // The day must have had what it is there for.
  EXPECT_EQ(lazy.find("moved 0 "), std::string::npos) << lazy;
  EXPECT_EQ(lazy.find("cut_by_failure 0 "), std::string::npos) << lazy;
  EXPECT_EQ(lazy.find("missed 0.000 "), std::string::npos) << lazy;
}

TEST(Equivalence, EveryBalancer) {
  for (const char* balancer :
       {"round_robin", "power_of_two", "ewma", "client_ip", "random", "consistent_hash"}) {
    const std::string options = std::string(" --hours 3 --balancer ") + balancer;
    EXPECT_EQ(output_of(WSFLEET_FLEET_DAY_LAZY + options),
              output_of(WSFLEET_FLEET_DAY_NAIVE + options))
        << balancer;
  }
}

TEST(Equivalence, FailsWhenControlComesBeforeTheEventsOfItsTime) {
  const std::string options = " --hours 3";
  const std::string lazy = output_of(WSFLEET_FLEET_DAY_LAZY + options);
  EXPECT_EQ(lazy, output_of(WSFLEET_FLEET_DAY_NAIVE + options));
  EXPECT_NE(lazy, output_of(WSFLEET_FLEET_DAY_NAIVE + options + " --break-order"));
}

TEST(Equivalence, TheSameTwice) {
  const std::string command = std::string(WSFLEET_FLEET_DAY_LAZY) + " --hours 3";
  EXPECT_EQ(output_of(command), output_of(command));
}

}  // namespace
}  // namespace wsfleet
