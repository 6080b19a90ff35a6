// SPDX-License-Identifier: Apache-2.0
// `wsfleet run --backend local` as users run it: real pods, clients, nginx, Prometheus and Redis
// for a few seconds; and the harness killed in mid-run.
#include <dirent.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "build_paths/source_dir.h"
#include "core/process/testing/child_process.h"

namespace wsfleet {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

/// Processes that have `word` among their arguments or in their environment.
std::vector<pid_t> processes_with(const std::string& word) {
  std::vector<pid_t> found;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const pid_t pid = static_cast<pid_t>(std::strtol(entry.path().filename().c_str(), nullptr, 10));
    if (pid <= 0 || pid == getpid()) continue;
    const std::string text =
        read_file(entry.path() / "cmdline") + read_file(entry.path() / "environ");
    if (text.find(word) != std::string::npos) found.push_back(pid);
  }
  return found;
}

class LocalRun : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = testing::TempDir() + "local-run-XXXXXX";
    ASSERT_NE(mkdtemp(directory_.data()), nullptr);
    fs::create_directory(scratch());
  }
  void TearDown() override { fs::remove_all(directory_); }

  /// The run's own temporary directory, which also marks its processes.
  std::string scratch() const { return directory_ + "/scratch"; }
  std::string results() const { return directory_ + "/results"; }

  std::vector<std::string> command(const std::string& ingress, const std::string& duration,
                                   std::vector<std::string> more = {}) const {
    std::vector<std::string> words = {
        WSFLEET_PROGRAM,
        "run",
        std::string(WSFLEET_SOURCE_DIR) + "/scenarios/live-flash-crowd.toml",
        "--backend",
        "local",
        "--json",
        "-o",
        results(),
        "--set",
        "cluster.ingress=\"" + ingress + "\"",
        "--set",
        "duration=\"" + duration + "\"",
        "--set",
        "workload.arrivals.base=20.0",
        "--set",
        "workload.arrivals.peak=20.0",
        "--set",
        "scaler.initial_replicas=2"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  ChildOptions options() const { return {.environment = {{"TMPDIR", scratch()}}}; }

  void expect_nothing_left() {
    EXPECT_TRUE(eventually([this] { return processes_with(scratch()).empty(); }));
    EXPECT_TRUE(eventually([this] { return fs::is_empty(scratch()); }));
  }

 private:
  std::string directory_;
};

void expect_sane(const nlohmann::json& run) {
  EXPECT_EQ(run.at("backend"), "local");
  const auto& scores = run.at("scores");
  EXPECT_GT(scores.at("sessions").get<double>(), 50);
  EXPECT_GT(scores.at("connections_max").get<double>(), 30);
  EXPECT_GE(scores.at("ready_replicas_max").get<double>(), 2);
  EXPECT_EQ(scores.at("refused_share").get<double>(), 0);
  EXPECT_EQ(scores.at("sessions_lost").get<double>(), 0);
}

TEST_F(LocalRun, ThroughNginx) {
  ChildProcess run(command("nginx", "6s"), options());
  run.wait(3 * kMinute);
  SCOPED_TRACE(run.errors());
  expect_sane(nlohmann::json::parse(run.output()));
  EXPECT_TRUE(fs::exists(results() + "/logs/websocket-1-pod-000001.log"));
  EXPECT_THAT(read_file(results() + "/decisions.ndjson"), testing::HasSubstr("\"metrics\""));
  expect_nothing_left();
}

TEST_F(LocalRun, StraightToThePods) {
  ChildProcess run(command("none", "6s"), options());
  run.wait(3 * kMinute);
  SCOPED_TRACE(run.errors());
  expect_sane(nlohmann::json::parse(run.output()));
  expect_nothing_left();
}

TEST_F(LocalRun, AKilledHarnessLeavesNothing) {
  ChildProcess run(command("nginx", "10m"), options());
  ASSERT_TRUE(eventually([this] { return processes_with(scratch()).size() >= 7; }))
      << run.errors();  // harness, janitor, two pods, three services, clients
  run.signal(SIGKILL);
  EXPECT_EQ(run.wait(), 128 + SIGKILL);
  expect_nothing_left();
}

TEST_F(LocalRun, InterruptedItKeepsWhatItHas) {
  ChildProcess run(command("none", "10m"), options());
  ASSERT_TRUE(eventually([this] { return processes_with("clients-0.json").size() >= 1; }));
  eventually([] { return false; }, 4 * kSecond);  // some seconds of it
  run.signal(SIGINT);
  EXPECT_EQ(run.wait(3 * kMinute), 105) << run.errors();
  EXPECT_TRUE(nlohmann::json::parse(run.output()).at("stopped").get<bool>());
  EXPECT_TRUE(fs::exists(results() + "/series.csv"));
  expect_nothing_left();
}

TEST_F(LocalRun, FaultsActForReal) {
  // A later [[fault]] can't be set from outside: the bundled scenario of a killed pod has one.
  std::vector<std::string> words = {
      WSFLEET_PROGRAM,
      "run",
      std::string(WSFLEET_SOURCE_DIR) + "/scenarios/live-pod-kill.toml",
      "--backend",
      "local",
      "--json",
      "-o",
      results(),
      "--set",
      "duration=\"12s\"",
      "--set",
      "fault.0.at=\"5s\"",
      "--set",
      "scaler.initial_replicas=2",
      "--set",
      "workload.arrivals.steps=[{at=\"0s\",rate=10.0}]"};
  ChildProcess run(words, options());
  run.wait(3 * kMinute);
  const auto result = nlohmann::json::parse(run.output());
  EXPECT_GT(result.at("scores").at("connections_cut_by_failure").get<double>(), 0) << run.errors();
  EXPECT_THAT(read_file(results() + "/events.ndjson"), testing::HasSubstr("killed by a fault"));
  expect_nothing_left();
}

TEST_F(LocalRun, WhatItCanNotHonourIsRefusedBeforeAnythingStarts) {
  ChildProcess run(command("nginx", "6s", {"--set", "server.tls=true"}), options());
  EXPECT_EQ(run.wait(kMinute), 104);
  EXPECT_THAT(run.errors(), testing::HasSubstr("server.tls"));
  expect_nothing_left();
}

}  // namespace
}  // namespace wsfleet
