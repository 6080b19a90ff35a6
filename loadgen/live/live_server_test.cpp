// SPDX-License-Identifier: Apache-2.0
// The load generator's executable against the server's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <memory>

#include "loadgen/live/options/scenario_workload.h"
#include "loadgen/live/sessions/session_plan.h"
#include "loadgen/live/testing/loadgen_run.h"
#include "loadgen/live/testing/server_process.h"

namespace wsfleet {
namespace {

using testing::HasSubstr;

TEST(LoadgenLive, AClosedModelIsAnsweredInFull) {
  ServerProcess server;
  const LoadgenRun run = run_loadgen({server.url(), "--connections", "20", "--in-flight", "4",
                                      "--message-bytes", "64", "--duration", "1s"});
  EXPECT_EQ(run.status, 0) << run.errors;
  EXPECT_EQ(run.score("opened"), 20);
  EXPECT_GT(run.score("messages_received"), 80);
  EXPECT_EQ(run.score("messages_mismatched"), 0);
  EXPECT_EQ(run.score("messages_lost"), 0);
  EXPECT_EQ(run.json["messages"]["in_flight_at_end"], 80);
  EXPECT_EQ(run.json["connections"]["open_at_end"], 20);
}

TEST(LoadgenLive, LargeMessagesComeBackWhole) {
  ServerProcess server({"--max-message-bytes", "1MiB", "--send-queue-bytes", "4MiB"});
  const LoadgenRun run = run_loadgen({server.url(), "--connections", "2", "--in-flight", "2",
                                      "--message-bytes", "300000", "--duration", "1s"});
  EXPECT_GT(run.score("messages_received"), 4);
  EXPECT_EQ(run.score("messages_mismatched"), 0);
}

TEST(LoadgenLive, APacedLoadIsCountedFromIntendedTimes) {
  ServerProcess server;
  const LoadgenRun run = run_loadgen(
      {server.url(), "--connections", "10", "--message-rate", "20", "--duration", "2s"});
  EXPECT_EQ(run.status, 0);
  // Each connection sends at fixed times: at most 40, fewer only by what the opening took.
  EXPECT_LE(run.score("messages_sent"), 400);
  EXPECT_GT(run.score("messages_sent"), 100);
  EXPECT_EQ(run.score("messages_mismatched"), 0);
}

constexpr const char* kScenario = R"(format = 1
name = "small"
duration = "2s"
seed = 7
[workload]
[workload.arrivals]
rate = 40.0
[workload.session]
length = { distribution = "exponential", mean = "300ms" }
[workload.reconnect]
policy = "none"
)";

/// The sessions that the workload has before the end.
std::int64_t sessions_of(const std::string& path) {
  const ScenarioWorkload scenario = read_scenario_workload(path, {});
  PlanSettings settings;
  settings.population = Population::arrivals;
  settings.workload = scenario.workload;
  settings.seed = scenario.seed;
  settings.duration = scenario.duration;
  const auto plan = make_session_plan(settings, {});
  std::int64_t sessions = 0;
  while (plan->next()) ++sessions;
  return sessions;
}

TEST(LoadgenLive, AScenariosSessionsAreThoseOfTheSimulation) {
  ServerProcess server;
  const std::string path = scratch_path("small.toml");
  write_file(path, kScenario);
  const LoadgenRun run = run_loadgen({server.url(), "--scenario", path, "--threads", "2"});
  EXPECT_EQ(run.status, 0) << run.errors;
  EXPECT_GT(run.score("sessions_started"), 50);
  EXPECT_EQ(run.score("sessions_started"), static_cast<double>(sessions_of(path)));
  EXPECT_EQ(run.score("opened"),
            run.score("sessions_started") - run.json["attempts"]["under_way_at_end"].get<double>());
  EXPECT_GT(run.score("closed_own_end"), 0);
  EXPECT_EQ(run.score("closed_by_server"), 0);
  EXPECT_EQ(run.json["seed"], 7);
  unlink(path.c_str());
}

TEST(LoadgenLive, ShardsPartTheSessionsAndMergeToTheWhole) {
  ServerProcess server;
  const std::string scenario = scratch_path("small.toml");
  write_file(scenario, kScenario);
  std::vector<std::string> files;
  double sessions = 0;
  double messages = 0;
  for (const char* shard : {"0/2", "1/2"}) {
    files.push_back(scratch_path("shard.json"));
    ChildProcess process(
        loadgen_words({server.url(), "--scenario", scenario, "--shard", shard, "--set",
                       "workload.session.messages_per_second=20", "--json", files.back(), "-q"}));
    ASSERT_EQ(process.wait(), 0) << process.errors();
    const auto json = nlohmann::json::parse(read_file(files.back()));
    sessions += json["sessions"]["started"].get<double>();
    messages += json["messages"]["sent"].get<double>();
  }
  EXPECT_EQ(sessions, static_cast<double>(sessions_of(scenario)));
  ChildProcess merge(loadgen_words({"merge", files[0], files[1], "--json", "-"}));
  ASSERT_EQ(merge.wait(), 0) << merge.errors();
  const auto merged = nlohmann::json::parse(merge.output());
  EXPECT_EQ(merged["scores"]["sessions_started"].get<double>(), sessions);
  EXPECT_EQ(merged["scores"]["messages_sent"].get<double>(), messages);
  EXPECT_EQ(merged["balanced"], true);
  EXPECT_EQ(merged["shard"], "0/2+1/2");
  files.push_back(scenario);
  for (const std::string& file : files) unlink(file.c_str());
}

TEST(LoadgenLive, ASteadyStartIsThereAtZero) {
  ServerProcess server;
  const std::string path = scratch_path("steady.toml");
  write_file(path, std::string(kScenario).insert(10, "\nstart = \"steady\""));
  const LoadgenRun run =
      run_loadgen({server.url(), "--scenario", path, "--set", "workload.session.length.mean=5s",
                   "--set", "workload.arrivals.rate=4"});
  EXPECT_EQ(run.status, 0) << run.errors;
  const auto& rows = run.json["seconds"]["rows"];
  EXPECT_EQ(rows[0][0], -1);  // the lead-in
  const auto connecting = rows[0][1].get<double>();
  EXPECT_GT(connecting, 5);
  // Those that were there do not count as having waited.
  double waited = 0;
  for (const auto& bucket : run.json["histograms"]["time_to_connect"]["counts"]) {
    waited += bucket[1].get<double>();
  }
  EXPECT_LT(waited, run.score("opened"));
  unlink(path.c_str());
}

TEST(LoadgenLive, RefusalsBy503AreCountedAndRetriedUntilTheSessionIsLost) {
  ServerProcess server({"--max-connections", "3"});
  const LoadgenRun run =
      run_loadgen({server.url(), "--connections", "5", "--duration", "2s", "--reconnect", "fixed",
                   "--reconnect-base", "50ms", "--max-attempts", "2"});
  EXPECT_EQ(run.score("opened"), 3);
  EXPECT_EQ(run.score("refused_503"), 4);
  EXPECT_EQ(run.score("sessions_lost"), 2);
  EXPECT_EQ(run.json["histograms"]["time_to_connect"]["infinite"], 2);
}

TEST(LoadgenLive, ARetryAfterIsRespectedWhenAsked) {
  ServerProcess server({"--max-connections", "1", "--retry-after", "60s"});
  const LoadgenRun run =
      run_loadgen({server.url(), "--connections", "2", "--duration", "1s", "--reconnect", "fixed",
                   "--reconnect-base", "10ms", "--retry-after"});
  EXPECT_EQ(run.score("refused_503"), 1);
  EXPECT_EQ(run.json["sessions"]["waiting_at_end"], 1);
}

TEST(LoadgenLive, RefusalsBy1013AreNoOpenConnections) {
  ServerProcess server({"--max-connections", "3", "--refuse-with", "close"});
  const LoadgenRun run =
      run_loadgen({server.url(), "--connections", "5", "--in-flight", "1", "--think-time", "20ms",
                   "--duration", "2s", "--reconnect", "none"});
  EXPECT_EQ(run.score("opened"), 3);
  EXPECT_EQ(run.score("refused_1013"), 2);
  EXPECT_EQ(run.score("closed"), 0);
  EXPECT_EQ(run.score("sessions_lost"), 2);
}

TEST(LoadgenLive, OtherStatusesAreRefusals) {
  ServerProcess server;
  const LoadgenRun run = run_loadgen(
      {server.url("/nowhere"), "--connections", "2", "--duration", "500ms", "--reconnect", "none"});
  EXPECT_EQ(run.score("refused_other_status"), 2);
}

TEST(LoadgenLive, ADrainIsClosedBy1012AndEverySocketIsAccountedFor) {
  ServerProcess server({"--drain-mode", "immediate"});
  ChildProcess process(
      loadgen_words({server.url(), "--connections", "30", "--duration", "5m", "--message-rate",
                     "20", "--reconnect", "none", "--metrics-port", "0", "--json", "-"}));
  wait_for_metric(process, "wsfleet_loadgen_connections 30");
  server.process().signal(SIGTERM);
  EXPECT_EQ(server.process().wait(), 0);
  wait_for_metric(process, "wsfleet_loadgen_connections 0");
  process.signal(SIGINT);
  EXPECT_EQ(process.wait(), 105);
  const auto json = nlohmann::json::parse(process.output());
  EXPECT_EQ(json["balanced"], true);
  EXPECT_EQ(json["stopped"], true);
  EXPECT_EQ(json["connections"]["opened"], 30);
  EXPECT_EQ(json["connections"]["closed"]["1012"], 30);
  EXPECT_EQ(json["connections"]["close_codes"]["1012"], 30);
  EXPECT_EQ(json["connections"]["open_at_end"], 0);
  EXPECT_EQ(json["sessions"]["lost"], 30);
}

TEST(LoadgenLive, CutSessionsComeBackToARestartedServer) {
  auto server = std::make_unique<ServerProcess>();
  const int port = server->port();
  ChildProcess process(
      loadgen_words({server->url(), "--connections", "10", "--duration", "5m", "--reconnect",
                     "fixed", "--reconnect-base", "100ms", "--max-attempts", "1000",
                     "--metrics-port", "0", "--json", "-"}));
  wait_for_metric(process, "wsfleet_loadgen_opened_total 10");
  server->process().signal(SIGKILL);
  server->process().wait();
  server = std::make_unique<ServerProcess>(std::vector<std::string>{}, port);
  wait_for_metric(process, "wsfleet_loadgen_opened_total 20");
  process.signal(SIGINT);
  EXPECT_EQ(process.wait(), 105);
  const auto json = nlohmann::json::parse(process.output());
  EXPECT_EQ(json["balanced"], true);
  EXPECT_EQ(json["connections"]["opened"], 20);
  EXPECT_EQ(json["connections"]["open_at_end"], 10);
  EXPECT_EQ(json["connections"]["closed"]["reset"].get<int>() +
                json["connections"]["closed"]["no_close_frame"].get<int>(),
            10);
  EXPECT_GE(json["attempts"]["reconnects"].get<int>(), 10);
}

TEST(LoadgenLive, ARoomsMembersHearEachOther) {
  ServerProcess server({"--mode", "broadcast"});
  const LoadgenRun run =
      run_loadgen({server.url("/ws/lobby"), "--connections", "5", "--in-flight", "1",
                   "--think-time", "50ms", "--replies", "room", "--duration", "1s"});
  EXPECT_GT(run.score("messages_received"), 5);
  EXPECT_GT(run.score("messages_from_others"), run.score("messages_received"));
  EXPECT_EQ(run.score("messages_mismatched"), 0);
}

// Sessions stay to the end, so each hears what the others of its room say, and nobody else.
TEST(LoadgenLive, AScenariosRoomsAreThoseOfTheSimulation) {
  ServerProcess server({"--mode", "broadcast"});
  const std::string path = scratch_path("rooms.toml");
  write_file(path, kScenario);
  const auto others_with = [&](const char* rooms) {
    const LoadgenRun run =
        run_loadgen({server.url("/ws"), "--scenario", path, "--set", "server.mode=broadcast",
                     "--set", rooms, "--set", "workload.session.messages_per_second=5", "--set",
                     "workload.session.length.mean=1h"});
    EXPECT_EQ(run.status, 0) << run.errors;
    EXPECT_GT(run.score("messages_received"), 50);
    EXPECT_EQ(run.score("messages_mismatched"), 0);
    EXPECT_EQ(run.score("refused_other_status"), 0);
    return run.score("messages_from_others") / run.score("messages_received");
  };
  const double together = others_with("workload.session.rooms=1");
  const double apart = others_with("workload.session.rooms=1000000000");
  const double halved = others_with("workload.session.rooms=2");
  EXPECT_GT(together, 10);
  EXPECT_EQ(apart, 0);  // no two of these 80 or so meet among so many
  EXPECT_LT(halved, 0.75 * together);
  EXPECT_GT(halved, 0.25 * together);
  unlink(path.c_str());
}

TEST(LoadgenLive, StagesAreFollowedUpAndDown) {
  ServerProcess server;
  const LoadgenRun run =
      run_loadgen({server.url(), "--stage", "500ms:10", "--stage", "1s:10", "--stage", "500ms:4",
                   "--stage", "1s:4", "--source-addresses", "127.0.0.2-127.0.0.4"});
  EXPECT_EQ(run.score("opened"), 10);
  EXPECT_EQ(run.score("closed_own_end"), 6);
  EXPECT_EQ(run.json["connections"]["open_at_end"], 4);
  EXPECT_EQ(run.json["duration_s"], 3.0);
}

TEST(LoadgenLive, AFullFileTableIsNamedWithItsRemedy) {
  ServerProcess server;
  const LoadgenRun run = run_loadgen(
      {server.url(), "--connections", "60", "--duration", "1s", "--reconnect", "none"}, 40);
  EXPECT_EQ(run.status, 0);
  EXPECT_GT(run.score("failed_no_descriptors"), 10);
  EXPECT_GT(run.score("opened"), 10);
  EXPECT_THAT(run.json["warnings"].dump(), HasSubstr("ulimit -n"));
}

}  // namespace
}  // namespace wsfleet
