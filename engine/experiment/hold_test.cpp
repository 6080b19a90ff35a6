// SPDX-License-Identifier: Apache-2.0
// Who runs the policy: the same outage with an autoscaler that acts on what it has, and with
// wsfleet-scaler, which holds in doubt.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "engine/experiment/plan.h"
#include "engine/testing/command.h"

namespace wsfleet {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

// Four busy pods, of which the original's rule reads all as 0 for a minute.
constexpr const char* kOutage = R"(format = 1
name = "outage"
duration = "4m"
start = "steady"
[workload.arrivals]
rate = 1.0
[workload.session]
length = { distribution = "exponential", mean = "1m" }
[server]
max_connections = 60
drain = { mode = "none" }
[cluster]
balancer = "least_connections"
[scaler]
max_replicas = 6
initial_replicas = 4
policy = "original"
[[fault]]
at = "1m"
kind = "prometheus_outage"
for = "1m"
)";

constexpr const char* kHeld = "scaler.run_by=\"wsfleet-scaler\"";

class Outage : public testing::Test {
 protected:
  void SetUp() override { here.write("outage.toml", kOutage); }
  json run(const std::string& directory, const std::vector<std::string>& more) {
    std::vector<std::string> words = {"run", "outage.toml", "--json", "-o", directory};
    words.insert(words.end(), more.begin(), more.end());
    const CommandResult result = wsfleet(here, words);
    EXPECT_EQ(result.status, 0) << result.err;
    return json::parse(result.out);
  }
  std::vector<json> decisions(const std::string& directory) const {
    std::vector<json> lines;
    std::istringstream text(here.read(directory + "/decisions.ndjson"));
    for (std::string line; std::getline(text, line);) lines.push_back(json::parse(line));
    return lines;
  }
  std::string run_by(const std::string& directory) const {
    return json::parse(here.read(directory + "/run.json"))["run_by"];
  }
  ScratchDirectory here;
};

TEST_F(Outage, ShrinksTheFleetOfAnAutoscalerAndCutsItsSockets) {
  const json result = run("out", {});
  EXPECT_EQ(run_by("out"), "autoscaler");
  EXPECT_GT(result["scores"]["scale_downs"], 0);
  EXPECT_GT(result["scores"]["connections_cut_by_scaling"], 0);
  EXPECT_GT(result["decisions"], 40);
  EXPECT_EQ(result["held_decisions"], 0);
  for (const json& line : decisions("out")) EXPECT_TRUE(line["held"].is_null());
}

TEST_F(Outage, RemovesNoPodWhereWsfleetScalerRunsThePolicy) {
  const json result = run("out", {"--set", kHeld});
  EXPECT_EQ(run_by("out"), "wsfleet-scaler");
  EXPECT_EQ(result["scores"]["scale_downs"], 0);
  EXPECT_EQ(result["scores"]["connections_cut_by_scaling"], 0);
  EXPECT_GE(result["held_decisions"], 11);  // each 5 s of the minute
  std::string policys;
  int in_outage = 0;
  for (const json& line : decisions("out")) {
    policys += line["decision"].dump() + "\n";
    if (line["metrics"] != "error") continue;
    ++in_outage;
    EXPECT_EQ(line["replicas"], 4);
    EXPECT_EQ(line["decision"]["replicas"], 3);  // what the policy said
    EXPECT_EQ(line["held"]["reason"], "metrics_error");
    EXPECT_EQ(line["held"]["what"], json::array({"replicas"}));
  }
  EXPECT_GE(in_outage, 11);
  EXPECT_THAT(here.read("out/events.ndjson"),
              AllOf(HasSubstr("\"kind\":\"holding\""), HasSubstr("\"kind\":\"hold_over\"")));
  const CommandResult again =
      wsfleet(here, {"decide", "--policy", "original", "--scenario", "outage.toml"},
              here.read("out/decisions.ndjson"));
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_EQ(again.out, policys);
}

TEST_F(Outage, IsSimulatedByFidelityAsItRan) {
  run("out", {});
  const std::vector<std::string> fidelity = {"fidelity", "out", "--threshold",
                                             "spec_replicas_mad==0"};
  EXPECT_EQ(wsfleet(here, fidelity).status, 0);
  // As if it had been a live run of the very same scenario.
  std::string text = here.read("out/run.json");
  const std::string who = "\"run_by\": \"autoscaler\"";
  ASSERT_NE(text.find(who), std::string::npos);
  here.write("out/run.json",
             text.replace(text.find(who), who.size(), "\"run_by\": \"wsfleet-scaler\""));
  EXPECT_EQ(wsfleet(here, fidelity).status, 99);
}

TEST_F(Outage, IsHeldInLiveWorldsUnlessTheScenarioSaysOtherwise) {
  const auto planned = [&](const std::string& backend, const std::vector<std::string>& sets) {
    PlanRequest request;
    request.scenarios = {here.file("outage.toml")};
    request.backend = backend;
    request.sets = sets;
    const Plan plan = plan_runs(request);
    EXPECT_EQ(render(plan.diagnostics), "");
    return plan.runs.empty() ? std::nullopt : plan.runs.front().scenario->scaler.run_by;
  };
  EXPECT_EQ(planned("simulated", {}), RunBy::autoscaler);
  EXPECT_EQ(planned("local", {}), RunBy::wsfleet_scaler);
  EXPECT_EQ(planned("kubernetes", {}), RunBy::wsfleet_scaler);
  EXPECT_EQ(planned("simulated", {kHeld}), RunBy::wsfleet_scaler);
  EXPECT_EQ(planned("local", {"scaler.run_by=\"autoscaler\""}), RunBy::autoscaler);
}

}  // namespace
}  // namespace wsfleet
