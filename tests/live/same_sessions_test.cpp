// SPDX-License-Identifier: Apache-2.0
// The same sessions in both worlds: the digest of wsfleet-loadgen's and of the simulation's, for
// the same scenario and seed.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/live/testing/live_server_test.h"

namespace wsfleet {
namespace {

constexpr const char* kScenario = R"(format = 1
name = "both-worlds"
duration = "3s"
seed = 11
start = "steady"
[workload]
source_addresses = 5
[workload.arrivals]
rate = 30.0
[workload.session]
length = { distribution = "lognormal", mean = "2s" }
[server]
max_connections = 500
)";

class SameSessions : public LiveServerTest {
 protected:
  SameSessions() {
    std::string pattern = testing::TempDir() + "same_sessions.XXXXXX";
    directory_ = mkdtemp(pattern.data());
    std::ofstream(scenario()) << kScenario;
  }
  ~SameSessions() override { std::filesystem::remove_all(directory_); }

  std::string scenario() const { return directory_ + "/scenario.toml"; }
  nlohmann::json simulated(const std::string& seed) {
    const std::string results = directory_ + "/seed-" + seed;
    ChildProcess run({WSFLEET_PROGRAM, "run", scenario(), "--seed", seed, "-o", results, "-q"});
    EXPECT_EQ(run.wait(60 * kSecond), 0) << run.errors();
    std::ifstream file(results + "/run.json");
    return nlohmann::json::parse(file)["figures"];
  }
  nlohmann::json live(const std::string& seed) {
    ChildProcess loadgen({WSFLEET_LOADGEN, "ws://127.0.0.1:" + std::to_string(port()) + "/ws/",
                          "--scenario", scenario(), "--seed", seed, "--threads", "2", "--json",
                          "-"});
    EXPECT_EQ(loadgen.wait(60 * kSecond), 0) << loadgen.errors();
    return nlohmann::json::parse(loadgen.output());
  }

 private:
  std::string directory_;
};

TEST_F(SameSessions, InSimulationAndOnSockets) {
  start({}, Bystander::no);
  const nlohmann::json there = simulated("11");
  const nlohmann::json here = live("11");
  EXPECT_GT(there["sessions_begun"].get<int>(), 100);
  EXPECT_GT(there["initial_sessions"].get<int>(), 20);
  EXPECT_EQ(here["sessions"]["started"], there["sessions_begun"]);
  EXPECT_EQ(here["session_digest"], there["session_digest"]);
  EXPECT_NE(here["session_digest"], simulated("12")["session_digest"]);
}

}  // namespace
}  // namespace wsfleet
