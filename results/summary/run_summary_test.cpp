// SPDX-License-Identifier: Apache-2.0
#include "results/summary/run_summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/testing/scratch_directory.h"
#include "results/record/files.h"
#include "results/record/series.h"
#include "results/summary/finish_run.h"
#include "results/summary/text_report.h"
#include "results/testing/sample_runs.h"

namespace wsfleet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

RunSummary summary() {
  RunSummary run = run_with("hpa:target_connections=300", 18446744073709551615u,
                            {{"violation_s", 12},
                             {"time_to_connect_p99_s", std::numeric_limits<double>::infinity()},
                             {"message_latency_p99_s", std::nan("")},
                             {"refused_share", 0.1 + 0.2}});
  run.simulated_s = 3600;
  run.wall_s = 1.25;
  run.events = 123456789012;
  run.expect = {{"violation_s < 10", 12, false},
                {"time_to_connect_p99_s < 3", std::numeric_limits<double>::infinity(), false}};
  run.directory = "runs/x";
  run.notices = {"drain is not supported by this backend"};
  return run;
}

TEST(RunSummary, JsonRoundTripKeepsEveryBit) {
  const std::string line = to_json_line(summary());
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const auto read = parse_run_summary(line);
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(to_json_line(*read), line);
  EXPECT_EQ(read->seed, 18446744073709551615u);
  EXPECT_TRUE(std::isinf(score_value(read->scores, "time_to_connect_p99_s").value()));
  EXPECT_TRUE(std::isnan(score_value(read->scores, "message_latency_p99_s").value()));
  EXPECT_EQ(score_value(read->scores, "refused_share"), 0.1 + 0.2);
  EXPECT_TRUE(std::isinf(read->expect[1].value));
  EXPECT_FALSE(read->expect[1].met);
}

TEST(RunSummary, KeysComeInTheDocumentedOrder) {
  std::vector<std::string> keys;
  const auto json = to_json(summary());
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  EXPECT_THAT(
      keys, ElementsAre("format", "scenario", "policy", "seed", "backend", "simulated_s", "wall_s",
                        "events", "decisions", "held_decisions", "stopped", "scores",
                        "infinite_scores", "unknown_scores", "expect", "notices", "directory"));
  EXPECT_THAT(to_json_line(summary()),
              HasSubstr("\"scores\":{\"violation_s\":12.0,\"time_to_connect_p99_s\":null,"));
}

TEST(RunSummary, WhatIsNoSummaryIsAnError) {
  EXPECT_EQ(parse_run_summary("").error().message, "run summary: not JSON");
  EXPECT_THAT(parse_run_summary("{\"format\": 2}").error().message, HasSubstr("format 2"));
  EXPECT_THAT(parse_run_summary("{\"format\": 1}").error().message, HasSubstr("scenario"));
  EXPECT_FALSE(parse_run_summary("[]").has_value());
}

RunContext context() {
  RunContext result;
  result.scenario = "flash-crowd";
  result.policy = "hpa";
  result.seed = 7;
  result.wall_s = 0.5;
  result.expectations = {parse_expectation("violation_s", "< 2").value()};
  result.notices = {"from the engine"};
  result.details = {.version = "0.1.0",
                    .scenario_text = "format = 1\nname = \"é\"\n",
                    .duration = 4 * kSecond,
                    .warmup = 1500 * kMillisecond,
                    .scrape_interval = 2 * kSecond,
                    .objective = {.connections_per_pod = 10},
                    .run_by = "wsfleet-scaler"};
  return result;
}

void record(RunRecorder& recorder) {
  for (int i = 0; i < 4; ++i) {
    recorder.second({.time_s = i, .pod_seconds = 900, .refused_for_capacity = 1});
  }
  Decision decision;
  recorder.decision({}, decision);
  decision.held = {"metrics_error", "", {"replicas"}};
  recorder.decision({}, decision);
  ClientHistograms clients;
  clients.time_to_connect.record(kSecond, 2.5);
  clients.time_to_connect.record_infinite();
  recorder.clients(clients);
  recorder.figures({.events = 11,
                    .superseded_events = 3,
                    .event_hash = 0xfedcba9876543210u,
                    .connections_peak = 40,
                    .model_bytes_per_connection = 96.5,
                    .initial_sessions = 5,
                    .surroundings = {},
                    .notices = {"from the world"}});
}

TEST(FinishRun, ALiveRunTellsWhatItMetAndASimulatedOneHasNothingToTell) {
  for (const bool live : {true, false}) {
    const ScratchDirectory scratch;
    auto recorder = RunRecorder::create(scratch.file("run")).value();
    record(*recorder);
    ClientHistograms clients;
    clients.attempt_time.record(2 * kMillisecond);
    recorder->clients(clients);
    RunContext about = context();
    about.backend = live ? "local" : "simulated";
    ASSERT_TRUE(finish_run(*recorder, about));
    const Surroundings met = read_run_directory(scratch.file("run"))->figures.surroundings;
    EXPECT_EQ(std::isnan(met.attempt_time_p50_s), !live);
    EXPECT_TRUE(!live || std::abs(met.attempt_time_p50_s - 0.002) < 0.0001);
    EXPECT_TRUE(std::isnan(met.pod_ready_p50_s));
  }
}

TEST(FinishRun, ScoresWritesAndReadsBack) {
  const ScratchDirectory scratch;
  auto recorder = RunRecorder::create(scratch.file("run")).value();
  record(*recorder);
  const auto finished = finish_run(*recorder, context());
  ASSERT_TRUE(finished.has_value()) << finished.error().message;
  EXPECT_EQ(score_value(finished->scores, "violation_s"), 2);  // warm-up ends within second 1
  EXPECT_EQ(score_value(finished->scores, "pod_hours"), 0.5);
  EXPECT_EQ(finished->simulated_s, 4);
  EXPECT_EQ(finished->decisions, 2);
  EXPECT_EQ(finished->held_decisions, 1);
  EXPECT_FALSE(all_met(finished->expect));
  EXPECT_THAT(finished->notices, ElementsAre("from the world", "from the engine"));

  const auto stored = read_run_directory(scratch.file("run"));
  ASSERT_TRUE(stored.has_value()) << stored.error().message;
  EXPECT_EQ(to_json_line(stored->summary), to_json_line(*finished));
  EXPECT_EQ(stored->details.scenario_text, context().details.scenario_text);
  EXPECT_EQ(stored->details.warmup, 1500 * kMillisecond);
  EXPECT_EQ(stored->details.run_by, "wsfleet-scaler");
  EXPECT_EQ(stored->details.objective.connections_per_pod, 10);
  EXPECT_EQ(stored->figures.event_hash, 0xfedcba9876543210u);
  EXPECT_EQ(stored->figures.superseded_events, 3);
  EXPECT_EQ(stored->figures.model_bytes_per_connection, 96.5);
  EXPECT_EQ(stored->clients.time_to_connect.count(), 3.5);
  EXPECT_EQ(stored->clients.time_to_connect.infinite_count(), 1);
  EXPECT_EQ(read_series(scratch.file("run/series.csv")).value().length(), 2u);
  EXPECT_THAT(read_text_file(scratch.file("run/run.json")).value(),
              HasSubstr("\"event_hash\": \"0xfedcba9876543210\""));
}

TEST(FinishRun, TheSameRunGivesTheSameBytesWhereverItIsWritten) {
  const ScratchDirectory scratch;
  for (const char* name : {"first", "second"}) {
    auto recorder = RunRecorder::create(scratch.file(name)).value();
    record(*recorder);
    ASSERT_TRUE(finish_run(*recorder, context()).has_value());
  }
  for (const char* file : {"/run.json", "/series.csv", "/events.ndjson", "/decisions.ndjson"}) {
    EXPECT_EQ(read_text_file(scratch.file("first") + file).value(),
              read_text_file(scratch.file("second") + file).value());
  }
}

TEST(FinishRun, AStoppedRunIsWrittenAndSaysSo) {
  const ScratchDirectory scratch;
  auto recorder = RunRecorder::create(scratch.file("run")).value();
  recorder->second({});  // stopped within the warm-up
  RunContext stopped = context();
  stopped.stopped = true;
  ASSERT_TRUE(finish_run(*recorder, stopped).has_value());
  EXPECT_THAT(read_text_file(scratch.file("run/run.json")).value(), HasSubstr("\"stopped\": true"));
  const auto stored = read_run_directory(scratch.file("run"));
  ASSERT_TRUE(stored.has_value()) << stored.error().message;
  EXPECT_TRUE(std::isnan(score_value(stored->summary.scores, "pod_hours").value()));
}

TEST(RunDirectory, OfAnOlderVersionWasHeldOnKubernetesAlone) {
  for (const auto& [backend, run_by] : {std::pair{"kubernetes", "wsfleet-scaler"},
                                        {"local", "autoscaler"},
                                        {"simulated", "autoscaler"}}) {
    const ScratchDirectory scratch;
    auto recorder = RunRecorder::create(scratch.file("run")).value();
    RunContext old = context();
    old.backend = backend;
    ASSERT_TRUE(finish_run(*recorder, old).has_value());
    auto json = nlohmann::json::parse(read_text_file(scratch.file("run/run.json")).value());
    json.erase("run_by");
    auto file = LineFile::create(scratch.file("run/run.json")).value();
    ASSERT_TRUE(file->append(json.dump()).has_value());
    ASSERT_TRUE(file->close().has_value());
    EXPECT_EQ(read_run_directory(scratch.file("run")).value().details.run_by, run_by) << backend;
  }
}

TEST(RunDirectory, WhatIsNoResultsDirectoryIsAnErrorWithItsPath) {
  const ScratchDirectory scratch;
  EXPECT_THAT(read_run_directory(scratch.path()).error().message, HasSubstr("run.json"));
  auto file = LineFile::create(scratch.file("run.json")).value();
  ASSERT_TRUE(file->append("{\"format\": 1}").has_value());
  ASSERT_TRUE(file->close().has_value());
  EXPECT_THAT(read_run_directory(scratch.path()).error().message, HasSubstr("run.json: "));
}

TEST(RunSummary, WhatTheWorldCouldNotKnowIsNamedAndReadBack) {
  RunSummary summary;
  const double nothing = std::numeric_limits<double>::quiet_NaN();
  summary.scores = {{"cpu_core_hours", nothing, true}, {"message_latency_p50_s", nothing}};
  summary.expect = {{"cpu_core_hours < 1", nothing, false, true}};
  const auto json = to_json(summary);
  EXPECT_TRUE(json["scores"]["cpu_core_hours"].is_null());
  EXPECT_EQ(json["unknown_scores"].dump(), R"(["cpu_core_hours"])");
  EXPECT_EQ(json["expect"][0]["unknown"], true);
  const auto read = run_summary_from_json(json);
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->scores[0].unknown);
  EXPECT_FALSE(read->scores[1].unknown);
  EXPECT_TRUE(read->expect[0].unknown);
  const std::string text = all_scores_text(summary.scores);
  EXPECT_NE(text.find("unknown"), std::string::npos) << text;
}

}  // namespace
}  // namespace wsfleet
