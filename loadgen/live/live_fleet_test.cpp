// SPDX-License-Identifier: Apache-2.0
// The load generator's executable against a fleet that changes, and what it says of its sessions.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <sstream>

#include "cluster/balancers/balancer.h"
#include "loadgen/live/testing/loadgen_run.h"
#include "loadgen/live/testing/rogue_server.h"
#include "loadgen/live/testing/server_process.h"

namespace wsfleet {
namespace {

using testing::HasSubstr;

class LoadgenFleet : public testing::Test {
 protected:
  LoadgenFleet() : path_(scratch_path("fleet.json")) {}
  ~LoadgenFleet() override { unlink(path_.c_str()); }

  void put(const std::string& text) {
    write_file(path_ + ".new", text);
    ASSERT_EQ(std::rename((path_ + ".new").c_str(), path_.c_str()), 0);
  }
  void put_servers(const std::vector<ServerProcess*>& servers) {
    std::string entries;
    for (std::size_t id = 0; id < servers.size(); ++id) {
      entries += fmt::format(R"({}{{"id":{},"uid":"pod-{}","url":"{}"}})", id == 0 ? "" : ",", id,
                             servers[id]->port(), servers[id]->url());
    }
    put("{\"endpoints\":[" + entries + "]}");
  }

  std::string path_;
};

TEST_F(LoadgenFleet, EveryBalancerSpreadsOrKeepsAsItSays) {
  ServerProcess a;
  ServerProcess b;
  put_servers({&a, &b});
  for (const auto& [name, kind] : balancer_names()) {
    const LoadgenRun run =
        run_loadgen({"--targets-file", path_, "--balancer", name, "--connections", "12",
                     "--duration", "1s", "--threads", "2", "--threshold", "opened==12"});
    EXPECT_EQ(run.status, 0) << name << run.errors;
    EXPECT_EQ(run.json["targets"][0], path_);
  }
}

TEST_F(LoadgenFleet, ServersComeAndGoWhileItRuns) {
  put("{\"endpoints\":[]}");
  ServerProcess first;
  ServerProcess second({"--drain-mode", "immediate"});
  ChildProcess process(
      loadgen_words({"--targets-file", path_,   "--balancer",       "least_connections",
                     "--connections",  "20",    "--duration",       "5m",
                     "--reconnect",    "fixed", "--reconnect-base", "50ms",
                     "--max-attempts", "9999",  "--late-connect",   "5m",
                     "--metrics-port", "0",     "--json",           "-"}));
  wait_for_metric(process, "wsfleet_loadgen_sessions_started_total 20");
  put_servers({&first, &second});
  wait_for_metric(process, "wsfleet_loadgen_connections 20");
  put("{\"endpoints\":[{}]}");
  ASSERT_TRUE(process.says("the endpoints stay as they were")) << process.errors();
  EXPECT_THAT(process.errors(), HasSubstr("endpoints[0]"));
  put_servers({&first});
  second.process().signal(SIGTERM);
  EXPECT_EQ(second.process().wait(), 0);
  wait_for_metric(process, "wsfleet_loadgen_opened_total 30");  // half were there
  process.signal(SIGTERM);
  EXPECT_EQ(process.wait(), 105);
  const auto json = nlohmann::json::parse(process.output());
  EXPECT_EQ(json["balanced"], true) << json["warnings"];
  EXPECT_EQ(json["connections"]["open_at_end"], 20);
  EXPECT_EQ(json["connections"]["closed"]["1012"], 10);
  EXPECT_GT(json["attempts"]["refused"]["no_endpoint"].get<int>(), 19);
  EXPECT_EQ(json["scores"]["attempts_late"], json["scores"]["failed"]);
}

TEST_F(LoadgenFleet, ADeadPodsRefusalIsAFailureAndLate) {
  put(fmt::format(R"({{"endpoints":[{{"id":0,"uid":"x","url":"ws://127.0.0.1:{}/"}}]}})",
                  unused_port()));
  const std::vector<std::string> words = {"--targets-file", path_,   "--connections", "3",
                                          "--duration",     "300ms", "--reconnect",   "none"};
  const LoadgenRun run = run_loadgen(words);
  EXPECT_EQ(run.score("failed_connect_refused"), 3);
  EXPECT_EQ(run.score("attempts_late"), 0);  // nobody asked
  auto more = words;
  more.insert(more.end(), {"--late-connect", "1s"});
  EXPECT_EQ(run_loadgen(more).score("attempts_late"), 3);
}

TEST_F(LoadgenFleet, WithoutAFileItGivesUpWaiting) {
  ChildProcess process(loadgen_words({"--targets-file", path_, "--connections", "1"}));
  EXPECT_EQ(process.wait(), 1);
  EXPECT_THAT(process.errors(), HasSubstr("fleet.json: No such file"));
}

TEST_F(LoadgenFleet, MistakesAreTold) {
  ChildProcess process(loadgen_words({"--targets-file", path_, "ws://127.0.0.1:1/", "--balancer",
                                      "fastest", "--connections", "1"}));
  EXPECT_EQ(process.wait(), 2);
  EXPECT_THAT(process.errors(), HasSubstr("not both"));
  EXPECT_THAT(process.errors(), HasSubstr("'fastest' is none of client_ip, consistent_hash"));
}

TEST(LoadgenSessions, TheirLogHasALineEachAndTheOutputsAppearWhole) {
  ServerProcess server;
  const std::string log = scratch_path("sessions.csv");
  ChildProcess process(
      loadgen_words({server.url(), "--connections", "5", "--duration", "1s", "--threads", "2",
                     "--session-length", "10s", "--session-log", log, "--json", "-"}));
  EXPECT_EQ(process.wait(), 0) << process.errors();
  const auto json = nlohmann::json::parse(process.output());
  EXPECT_THAT(json["session_digest"].get<std::string>(), testing::MatchesRegex("0x[0-9a-f]{16}"));
  std::istringstream lines(read_file(log));
  std::string line;
  std::getline(lines, line);
  EXPECT_EQ(line, "serial,intended_start_s,length_s,source,first_attempt_s,opened_s,attempts");
  int sessions = 0;
  for (; std::getline(lines, line); ++sessions) {
    EXPECT_TRUE(
        line.starts_with(fmt::format("{},0.000000000,10.000000000,{},0.", sessions, sessions)))
        << line;
    EXPECT_TRUE(line.ends_with(",1")) << line;
  }
  EXPECT_EQ(sessions, 5);
  unlink(log.c_str());
}

TEST(LoadgenSessions, RepliesThatComeLateOrNeverAreCounted) {
  ServerProcess server;
  const std::vector<std::string> words = {server.url(), "--connections", "2",     "--in-flight",
                                          "1",          "--duration",    "500ms", "--late-message"};
  auto strict = words;
  strict.push_back("1ns");
  const LoadgenRun all = run_loadgen(strict);
  EXPECT_GT(all.score("messages_late"), 0);
  EXPECT_EQ(all.score("messages_late"), all.score("messages_received"));
  auto mild = words;
  mild.push_back("1h");
  EXPECT_EQ(run_loadgen(mild).score("messages_late"), 0);
  RogueServer rogue(Misdeed::drops_tcp);
  const LoadgenRun lost =
      run_loadgen({rogue.url(), "--connections", "1", "--in-flight", "1", "--duration", "1s",
                   "--reconnect", "none", "--late-message", "1h"});
  EXPECT_EQ(lost.score("messages_late"), 1);
}

TEST(LoadgenSessions, AnOutputThatIsADeviceIsWrittenTo) {
  ServerProcess server;
  ChildProcess process(loadgen_words(
      {server.url(), "--connections", "1", "--duration", "300ms", "-q", "--json", "/dev/null"}));
  EXPECT_EQ(process.wait(), 0) << process.errors();
  struct stat status {};
  ASSERT_EQ(stat("/dev/null", &status), 0);
  EXPECT_TRUE(S_ISCHR(status.st_mode));
}

}  // namespace
}  // namespace wsfleet
