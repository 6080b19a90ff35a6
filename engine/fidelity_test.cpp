// SPDX-License-Identifier: Apache-2.0
// `wsfleet fidelity`, as scripts meet it: a run beside itself, and beside one that was changed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engine/testing/command.h"

namespace wsfleet {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

constexpr const char* kSmall = R"(format = 1
name = "small"
duration = "3m"
start = "steady"
[workload.arrivals]
rate = 1.0
[workload.session]
length = { distribution = "exponential", mean = "1m" }
[server]
max_connections = 60
[scaler]
max_replicas = 6
)";

class CommandFidelity : public testing::Test {
 protected:
  void SetUp() override {
    here.write("small.toml", kSmall);
    const CommandResult run =
        wsfleet(here, {"run", "small.toml", "--policy", "hpa:target_connections=20", "--seed", "5",
                       "-o", "result", "-q"});
    ASSERT_EQ(run.status, 0) << run.err;
  }
  /// As if the run had been another one.
  void change(const std::string& file, const std::string& from, const std::string& to) {
    std::string text = here.read(file);
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    here.write(file, text.replace(at, from.size(), to));
  }
  ScratchDirectory here;
};

TEST_F(CommandFidelity, ASimulatedRunIsItsOwnSimulation) {
  const CommandResult same =
      wsfleet(here, {"fidelity", "result", "--json", "--threshold", "connections_mad==0",
                     "--threshold", "session_digest_same==1"});
  EXPECT_EQ(same.status, 0) << same.err;
  const json object = json::parse(same.out);
  EXPECT_EQ(object["format"], 1);
  EXPECT_EQ(object["policy"], "hpa:target_connections=20");
  EXPECT_EQ(object["seed"], 5);
  EXPECT_EQ(object["sessions"]["same"], true);
  EXPECT_GT(object["sessions"]["live"], 100);
  EXPECT_EQ(object["rows"].size(), 12U);
  for (const auto& [name, value] : object["measures"].items()) {
    if (name == "session_digest_same" || name == "intervals" || value.is_null()) continue;
    EXPECT_EQ(value, 0) << name;
  }
  EXPECT_GT(object["series"]["connections"]["live_mean"], 20);
  EXPECT_EQ(object["thresholds"].size(), 2U);

  const CommandResult text = wsfleet(here, {"fidelity", "result"});
  EXPECT_EQ(text.status, 0);
  EXPECT_THAT(text.out,
              AllOf(HasSubstr("The same "), HasSubstr("connections live"), HasSubstr("pod_hours")));
}

TEST_F(CommandFidelity, AnotherRunIsTold) {
  const json before = json::parse(wsfleet(here, {"fidelity", "result", "--json"}).out);
  const std::string digest = before["sessions"]["live_digest"];
  change("result/run.json", digest, "0x0000000000000001");
  // The connections of the first interval, and they alone.
  const std::string series = here.read("result/series.csv");
  change("result/series.csv", series.substr(series.find('\n') + 1),
         series.substr(series.find('\n', series.find('\n') + 1) + 1));
  const CommandResult apart =
      wsfleet(here, {"fidelity", "result", "--json", "--threshold", "session_digest_same==1"});
  EXPECT_EQ(apart.status, 99);
  EXPECT_THAT(apart.err,
              HasSubstr("threshold missed: session_digest_same == 1 (it is 0: 1 beyond)"));
  const json object = json::parse(apart.out);
  EXPECT_EQ(object["sessions"]["same"], false);
  EXPECT_EQ(object["rows"].size(), 11U);
  EXPECT_EQ(object["thresholds"][0]["met"], false);
  EXPECT_EQ(object["notices"].size(), 1U);
  EXPECT_THAT(wsfleet(here, {"fidelity", "result"}).out, HasSubstr("Sessions differ"));
}

TEST_F(CommandFidelity, TheGatePassesARunThatIsItsSimulation) {
  const CommandResult same = wsfleet(here, {"fidelity", "result", "--gate"});
  EXPECT_EQ(same.status, 0) << same.out << same.err;
  EXPECT_THAT(same.out, AllOf(HasSubstr("met  session_digest_same == 1"),
                              HasSubstr("met  connections_mad_percent <= 5")));
}

TEST_F(CommandFidelity, TheGateFailsARunThatIsNot) {
  change("result/run.json", "rate = 1.0", "rate = 1.5");
  const CommandResult apart = wsfleet(here, {"fidelity", "result", "--gate"});
  EXPECT_EQ(apart.status, 99);
  EXPECT_THAT(apart.err, AllOf(HasSubstr("threshold missed: session_digest_same == 1"),
                               HasSubstr("threshold missed: connections_mad_percent <= 5 (it is "),
                               HasSubstr(" beyond)")));
}

TEST_F(CommandFidelity, TheSimulationHasTheNetworkThatWasThere) {
  const json before = json::parse(wsfleet(here, {"fidelity", "result", "--json"}).out);
  EXPECT_TRUE(before["surroundings"]["attempt_time_p50_s"].is_null());
  change("result/run.json", "\"attempt_time_p50_s\": null", "\"attempt_time_p50_s\": 2.0");
  const json slow = json::parse(wsfleet(here, {"fidelity", "result", "--json"}).out);
  EXPECT_EQ(slow["surroundings"]["attempt_time_p50_s"], 2.0);
  const auto median = [](const json& object) {
    return object["scores"]["time_to_connect_p50_s"]["simulated"].get<double>();
  };
  EXPECT_LT(median(before), 0.1);
  EXPECT_NEAR(median(slow), 2, 0.1);
}

TEST_F(CommandFidelity, AnotherScenarioIsAPartByItsConnections) {
  change("result/run.json", "rate = 1.0", "rate = 2.0");
  const CommandResult apart =
      wsfleet(here, {"fidelity", "result", "--threshold", "connections_mad_percent<10"});
  EXPECT_EQ(apart.status, 99);
  EXPECT_THAT(apart.out, AllOf(HasSubstr("Sessions differ"), HasSubstr("missed  connections_mad")));
}

TEST_F(CommandFidelity, MistakesAreUsage) {
  EXPECT_EQ(wsfleet(here, {"fidelity", "nowhere"}).status, 2);
  const CommandResult unknown =
      wsfleet(here, {"fidelity", "result", "--threshold", "conections_mad<1"});
  EXPECT_EQ(unknown.status, 2);
  EXPECT_THAT(unknown.err, HasSubstr("did you mean 'connections_mad'?"));
  change("result/run.json", "[server]", "[sever]");
  EXPECT_EQ(wsfleet(here, {"fidelity", "result"}).status, 104);
}

}  // namespace
}  // namespace wsfleet
