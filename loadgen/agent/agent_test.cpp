// SPDX-License-Identifier: Apache-2.0
// The agent as a process, with the real load generator against the real server.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/live/live_clock.h"
#include "core/net/http_client.h"
#include "loadgen/live/testing/server_process.h"

namespace wsfleet {
namespace {

using nlohmann::json;
using testing::HasSubstr;

namespace fs = std::filesystem;

constexpr const char* kToken = "0123456789abcdef-token";
/// An agent on a free port, with a temporary directory of its own.
class Agent {
 public:
  explicit Agent(std::vector<std::string> options = {}, const std::string& program = WSFLEET_AGENT)
      : directory_(scratch_path("agent")), token_file_(scratch_path("token")) {
    fs::create_directory(directory_);
    write_file(token_file_, std::string(kToken) + "\n");
    // Alone of the processes here.
    options.insert(options.begin(), {"/usr/bin/env", "TMPDIR=" + directory_, program, "--listen",
                                     "127.0.0.1", "--port", "0", "--token-file", token_file_});
    process_ = std::make_unique<ChildProcess>(options);
    const std::string marker = "waiting on 127.0.0.1:";
    EXPECT_TRUE(process_->says(marker)) << process_->errors();
    const std::string line = process_->errors();
    const std::size_t at = line.find(marker);
    if (at != std::string::npos) {
      port_ = static_cast<std::uint16_t>(std::atoi(line.c_str() + at + marker.size()));
    }
  }
  ~Agent() {
    process_.reset();
    fs::remove_all(directory_);
    fs::remove(token_file_);
  }

  HttpResponse ask(const std::string& method, const std::string& target,
                   const std::string& body = "", const std::string& token = kToken) const {
    HttpRequest request{.method = method, .port = port_, .target = target, .body = body};
    if (!token.empty()) request.headers = {{"X-Wsfleet-Token", token}};
    const auto answer = http_exchange(request, kPatience);
    if (!answer) {
      ADD_FAILURE() << target << ": " << answer.error().message;
      return {};
    }
    return *answer;
  }
  json status() const { return json::parse(ask("GET", "/status").body, nullptr, false); }
  std::string state() const { return status().value("state", ""); }
  HttpResponse start(const std::vector<std::string>& arguments,
                     const std::map<std::string, std::string>& files = {}) const {
    return ask("POST", "/start", json{{"arguments", arguments}, {"files", files}}.dump());
  }
  bool reaches(const std::string& state_name) const {
    return eventually([&] { return state() == state_name; });
  }
  /// Names in the only directory that the agent has made.
  std::string made() const {
    std::string names;
    for (const auto& entry : fs::recursive_directory_iterator(directory_)) {
      names += entry.path().filename().string() + " ";
    }
    return names;
  }
  ChildProcess& process() { return *process_; }

 private:
  std::string directory_;
  std::string token_file_;
  std::unique_ptr<ChildProcess> process_;
  std::uint16_t port_ = 0;
};

std::vector<std::string> endless(const ServerProcess& server) {
  return {server.url(), "--connections", "3", "--duration", "10m", "--shard", "1/2"};
}

/// Running processes whose command line has the text in it.
int processes_with(const std::string& text) {
  int count = 0;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const std::string command = read_file(entry.path() / "cmdline");
    if (command.find(text) != std::string::npos) ++count;
  }
  return count;
}

/// Waits until the client of endless() is connected: a load generator that has just been started
/// may not know yet what to do about a signal.
bool is_busy(const ServerProcess& server) {
  return eventually([&] {
    const auto metrics = http_exchange(
        {.port = static_cast<std::uint16_t>(server.port()), .target = "/metrics"}, kPatience);
    return metrics && metrics->body.find("\nwsfleet_connections 1\n") != std::string::npos;
  });
}

TEST(Agent, RunsTheLoadGeneratorAsItIsToldAndHandsOutItsReport) {
  ServerProcess server;
  Agent agent;
  EXPECT_EQ(agent.state(), "waiting");
  EXPECT_EQ(agent.ask("GET", "/report").status, 404);
  const std::string scenario =
      "format = 1\nduration = \"2s\"\n[workload.arrivals]\nshape = \"constant\"\nrate = 20\n";
  const auto started = agent.start({server.url(), "--scenario", "s.toml", "--shard", "0/2"},
                                   {{"s.toml", scenario}, {"trace.csv", "0,1\n"}});
  ASSERT_EQ(started.status, 200) << started.body;
  EXPECT_EQ(json::parse(started.body)["shard"], "0/2");
  EXPECT_THAT(agent.made(), HasSubstr("s.toml"));
  EXPECT_THAT(agent.made(), HasSubstr("trace.csv"));
  const auto again = agent.start({server.url()});
  EXPECT_EQ(again.status, 409) << again.body;
  ASSERT_TRUE(agent.reaches("ended")) << agent.status().dump();
  EXPECT_EQ(agent.status()["exit_status"], 0) << agent.status().dump();
  EXPECT_EQ(agent.start({server.url()}).status, 409);

  const auto report = agent.ask("GET", "/report");
  ASSERT_EQ(report.status, 200);
  const json figures = json::parse(report.body);
  EXPECT_EQ(figures["shard"], "0/2");
  EXPECT_GT(figures["scores"]["opened"], 5);
  EXPECT_EQ(agent.status()["report_bytes"], report.body.size());
  const std::size_t half = report.body.size() / 2;
  EXPECT_EQ(agent.ask("GET", fmt::format("/report?offset=0&bytes={}", half)).body +
                agent.ask("GET", fmt::format("/report?bytes=99999999&offset={}", half)).body,
            report.body);
  EXPECT_EQ(agent.ask("GET", "/report?offset=99999999").body, "");
  EXPECT_THAT(agent.ask("GET", "/log").body, HasSubstr("opened"));

  EXPECT_EQ(agent.ask("POST", "/done").status, 200);
  EXPECT_EQ(agent.process().wait(), 0);
  EXPECT_EQ(agent.made(), "");
  EXPECT_THAT(agent.process().errors(), HasSubstr("opened"));  // the load generator's log
}

TEST(Agent, LetsNobodyInWithoutTheToken) {
  Agent agent;
  EXPECT_EQ(agent.ask("GET", "/livez", "", "").status, 200);
  for (const char* token : {"", "wrong", "0123456789abcdef-tokem", "0123456789abcdef-token2"}) {
    for (const char* target : {"/status", "/report", "/log", "/livez2", "/"}) {
      EXPECT_EQ(agent.ask("GET", target, "", token).status, 401) << target << " " << token;
    }
    for (const char* target : {"/start", "/stop", "/done"}) {
      EXPECT_EQ(agent.ask("POST", target, R"({"arguments": []})", token).status, 401) << target;
    }
  }
  // Its answer comes before a large body has been read.
  EXPECT_EQ(agent.ask("POST", "/start", std::string(20'000'000, 'x'), "wrong").status, 401);
  EXPECT_EQ(agent.state(), "waiting");
}

TEST(Agent, RefusesWhatMakesNoSense) {
  Agent agent;
  EXPECT_EQ(agent.ask("POST", "/start", "{").status, 400);
  const auto outside = agent.ask("POST", "/start", R"({"arguments": [], "files": {"../x": ""}})");
  EXPECT_EQ(outside.status, 400);
  EXPECT_THAT(outside.body, HasSubstr("'../x' is no plain file name"));
  EXPECT_EQ(agent.made(), "");
  EXPECT_EQ(agent.ask("GET", "/start").status, 405);
  EXPECT_EQ(agent.ask("POST", "/status").status, 405);
  EXPECT_EQ(agent.ask("GET", "/nothing").status, 404);
  EXPECT_EQ(agent.ask("POST", "/stop").status, 409);
  EXPECT_EQ(agent.ask("POST", "/done").status, 409);
  EXPECT_EQ(agent.state(), "waiting");
}

TEST(Agent, PassesOnWhyALoadGeneratorFailed) {
  Agent agent;
  EXPECT_EQ(agent.start({"--conections", "3"}).status, 200);
  ASSERT_TRUE(agent.reaches("ended"));
  const json status = agent.status();
  EXPECT_EQ(status["exit_status"], 2);
  EXPECT_THAT(status["log_tail"].get<std::string>(), HasSubstr("did you mean '--connections'?"));
  EXPECT_EQ(agent.ask("GET", "/report").status, 404);
  EXPECT_EQ(agent.ask("POST", "/done").status, 200);
  EXPECT_EQ(agent.process().wait(), 2);
}

TEST(Agent, StopMakesTheLoadGeneratorWriteWhatItHas) {
  ServerProcess server;
  Agent agent;
  ASSERT_EQ(agent.start(endless(server)).status, 200);
  EXPECT_EQ(agent.state(), "running");
  EXPECT_EQ(agent.ask("POST", "/done").status, 409);
  EXPECT_EQ(agent.ask("GET", "/report").status, 404);
  ASSERT_TRUE(is_busy(server));
  // More than once: a second signal would end it without a report.
  for (int i = 0; i < 3; ++i) EXPECT_EQ(agent.ask("POST", "/stop").status, 200);
  ASSERT_TRUE(agent.reaches("ended"));
  EXPECT_EQ(agent.status()["exit_status"], 105);
  EXPECT_EQ(json::parse(agent.ask("GET", "/report").body)["stopped"], true);
  EXPECT_EQ(agent.ask("POST", "/stop").status, 200);
  EXPECT_EQ(agent.ask("POST", "/done").status, 200);
  EXPECT_EQ(agent.process().wait(), 105);
}

TEST(Agent, AStopAtOnceEndsTheLoadGeneratorAlone) {
  ServerProcess server;
  for (int i = 0; i < 20; ++i) {
    Agent agent;
    ASSERT_EQ(agent.start(endless(server)).status, 200);
    ASSERT_EQ(agent.ask("POST", "/stop").status, 200);
    ASSERT_TRUE(agent.reaches("ended"));
    EXPECT_THAT(agent.status()["exit_status"], testing::AnyOf(105, 128 + SIGTERM));
  }
}

TEST(Agent, EndsByItselfWhenNobodyComes) {
  Agent unused({"--wait", "200ms"});
  EXPECT_EQ(unused.process().wait(), 1);
  EXPECT_THAT(unused.process().errors(), HasSubstr("nobody has started it within 200ms"));
  Agent forgotten({"--keep", "1s"});
  EXPECT_EQ(forgotten.start({"--version"}).status, 200);
  EXPECT_EQ(forgotten.process().wait(), 1);
  EXPECT_THAT(forgotten.process().errors(), HasSubstr("nobody was done with it within 1s"));
}

TEST(Agent, SigtermEndsBoth) {
  Agent waiting;
  waiting.process().signal(SIGTERM);
  EXPECT_EQ(waiting.process().wait(), 143);

  ServerProcess server;
  Agent agent;
  ASSERT_EQ(agent.start(endless(server)).status, 200);
  ASSERT_TRUE(eventually([&] { return processes_with(server.url()) == 1; }));
  agent.process().signal(SIGTERM);
  EXPECT_EQ(agent.process().wait(), 143);
  EXPECT_EQ(processes_with(server.url()), 0);
  EXPECT_EQ(agent.made(), "");
}

TEST(Agent, KilledItLeavesNoChild) {
  ServerProcess server;
  Agent agent;
  ASSERT_EQ(agent.start(endless(server)).status, 200);
  ASSERT_TRUE(eventually([&] { return processes_with(server.url()) == 1; }));
  agent.process().signal(SIGKILL);
  EXPECT_EQ(agent.process().wait(), 128 + SIGKILL);
  EXPECT_TRUE(eventually([&] { return processes_with(server.url()) == 0; }));
}

TEST(Agent, LargeFilesAndReportsComeThroughWhole) {
  // Beside a copy of the agent, a program that makes its report of the file that it is given.
  const std::string directory = scratch_path("programs");
  fs::create_directory(directory);
  fs::copy(WSFLEET_AGENT, directory + "/wsfleet-loadgen-agent");
  const std::string program = directory + "/wsfleet-loadgen";
  write_file(program, "#!/bin/sh\ncat \"$1\" \"$1\" > \"$3\"\n");
  chmod(program.c_str(), 0700);
  {
    Agent agent({}, directory + "/wsfleet-loadgen-agent");
    std::string large;
    while (large.size() < 15'000'000) large += fmt::format("{} \u00e4\n", large.size());
    ASSERT_EQ(agent.start({"large.csv"}, {{"large.csv", large}}).status, 200);
    ASSERT_TRUE(agent.reaches("ended"));
    ASSERT_EQ(agent.status()["report_bytes"], 2 * large.size());
    std::string report;
    constexpr std::size_t kPart = 4 * 1024 * 1024;
    while (report.size() < 2 * large.size()) {
      const auto part =
          agent.ask("GET", fmt::format("/report?offset={}&bytes={}", report.size(), kPart));
      ASSERT_EQ(part.status, 200);
      ASSERT_FALSE(part.body.empty());
      report += part.body;
    }
    EXPECT_TRUE(report == large + large);
  }
  fs::remove_all(directory);
}

TEST(Agent, NeedsAToken) {
  ChildProcess without({WSFLEET_AGENT, "--listen", "127.0.0.1", "--port", "0"});
  EXPECT_EQ(without.wait(), 2);
  EXPECT_THAT(without.errors(), HasSubstr("WSFLEET_AGENT_TOKEN"));
  ChildProcess missing({WSFLEET_AGENT, "--token-file", scratch_path("none")});
  EXPECT_EQ(missing.wait(), 2);
  ChildProcess odd({WSFLEET_AGENT, "--wait", "soon"});
  EXPECT_EQ(odd.wait(), 2);
  EXPECT_THAT(odd.errors(), HasSubstr("'soon'"));
}

}  // namespace
}  // namespace wsfleet
