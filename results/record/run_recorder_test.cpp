// SPDX-License-Identifier: Apache-2.0
#include "results/record/run_recorder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/testing/scratch_directory.h"
#include "results/record/files.h"
#include "results/record/json_lines.h"
#include "results/testing/sample_runs.h"

namespace wsfleet {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::StartsWith;

Observation observation() {
  Observation result;
  result.time_s = 15.000001;
  result.replicas = 3;
  result.status_replicas = 2;
  result.metrics = MetricsStatus::empty;
  PodObservation pod;
  pod.name = "websocket-0";
  pod.uid = "uid \"7\"\\\n\x01";
  pod.node = "node-é";
  pod.phase = PodPhase::running;
  pod.ready = true;
  pod.restarts = 2;
  pod.started_s = -0.1;
  pod.connections = 1e6;
  pod.sample_age_s = 1.0 / 3;
  result.pods.push_back(pod);
  pod.phase = PodPhase::failed;
  pod.connections.reset();
  pod.sample_age_s.reset();
  pod.terminating = pod.draining = true;
  result.pods.push_back(pod);
  result.pods.push_back({});
  return result;
}

Decision decision() {
  Decision result;
  result.replicas = 4;
  result.drain = {"a", "b"};
  result.shed = {{"a", 0.25}, {"b", 1}};
  result.deletion_costs = {{"a", -5}, {"b", 7}};
  result.reason = "90.0 per pod is over the target of 50";
  return result;
}

json line_of(const Observation& seen, const Decision& decided) {
  std::string line;
  append_decision_line(line, seen, decided);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  return json::parse(line);
}

TEST(JsonLines, ADecisionLineIsWhatTheRecordSays) {
  EXPECT_EQ(line_of(observation(), decision()), decision_record(observation(), decision()));
  EXPECT_EQ(line_of({}, {}), decision_record({}, {}));
  Decision held = decision();
  held.held = {"metrics_error", "the \"metrics\"", {"replicas", "drain"}};
  EXPECT_EQ(line_of({}, held), decision_record({}, held));
}

TEST(JsonLines, ADecisionLineIsAnInputOfDecide) {
  const auto read = observation_from_json(line_of(observation(), decision()));
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(to_json(*read), to_json(observation()));
}

TEST(JsonLines, AnEventLineHasEveryField) {
  std::string line;
  append_event_line(line, {.time = 1500 * kMillisecond,
                           .kind = "pod_ready",
                           .pod = "websocket-1",
                           .uid = "u1",
                           .node = "node-2",
                           .detail = "image pulled in 4.2s"});
  EXPECT_EQ(line,
            "{\"time_s\":1.5,\"kind\":\"pod_ready\",\"pod\":\"websocket-1\",\"uid\":\"u1\","
            "\"node\":\"node-2\",\"detail\":\"image pulled in 4.2s\"}\n");
}

TEST(JsonLines, BytesThatAreNoUtf8BecomeReplacementCharacters) {
  for (const char* text : {"\xff", "a\xc3", "\xe0\x80\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80"}) {
    std::string out;
    append_string(out, text);
    EXPECT_NO_THROW(json::parse(out)) << out;
    EXPECT_THAT(out, HasSubstr("\xEF\xBF\xBD"));
  }
  std::string whole;
  append_string(whole, "é€𝄞");
  EXPECT_EQ(json::parse(whole).get<std::string>(), "é€𝄞");
}

TEST(JsonLines, NumbersAreShortAndExactAndNeverInfinite) {
  std::string out;
  append_number(out, 0.1);
  out += ' ';
  append_number(out, std::numeric_limits<double>::infinity());
  out += ' ';
  append_number(out, std::int64_t{-42});
  EXPECT_EQ(out, "0.1 null -42");
}

TEST(RunRecorder, KeepsEverythingInMemory) {
  auto recorder = RunRecorder::create("").value();
  recorder->second({.time_s = 0, .spec_replicas = 2});
  recorder->event(event_at(1, "scaled"));
  recorder->decision(observation(), decision());
  ClientHistograms histograms;
  histograms.attempt_time.record(5);
  recorder->clients(histograms);
  RunFigures figures;
  figures.events = 9;
  recorder->figures(figures);
  EXPECT_TRUE(recorder->finish({{"run.json", "{}"}}).has_value());
  EXPECT_EQ(recorder->rows().size(), 1u);
  EXPECT_EQ(recorder->events().size(), 1u);
  EXPECT_EQ(recorder->decisions(), 1);
  EXPECT_EQ(recorder->client_histograms().attempt_time.count(), 1);
  EXPECT_EQ(recorder->run_figures().events, 9);
}

TEST(RunRecorder, TheDirectoryAppearsWholeAtTheEnd) {
  const ScratchDirectory scratch;
  const std::string target = scratch.file("runs/a-hpa-1/");
  auto recorder = RunRecorder::create(target).value();
  recorder->decision(observation(), decision());
  recorder->event(event_at(1, "scaled"));
  EXPECT_FALSE(std::filesystem::exists(target));
  ASSERT_TRUE(recorder->finish({{"run.json", "{}\n"}, {"series.csv", "time_s\n"}}).has_value());
  EXPECT_EQ(read_text_file(target + "run.json").value(), "{}\n");
  EXPECT_EQ(read_text_file(target + "series.csv").value(), "time_s\n");
  EXPECT_THAT(read_text_file(target + "decisions.ndjson").value(), StartsWith("{\"time_s\":15"));
  EXPECT_THAT(read_text_file(target + "events.ndjson").value(), HasSubstr("scaled"));
  // Nothing else was left beside it.
  const std::filesystem::directory_iterator runs(scratch.file("runs"));
  EXPECT_EQ(std::distance(runs, {}), 1);
}

TEST(RunRecorder, WithoutFinishNothingIsLeft) {
  const ScratchDirectory scratch;
  {
    auto recorder = RunRecorder::create(scratch.file("run")).value();
    recorder->event(event_at(1, "scaled"));
    EXPECT_EQ(scratch.names().size(), 1u);  // the staging directory
  }
  EXPECT_EQ(scratch.names().size(), 0u);
}

TEST(RunRecorder, AnExistingDirectoryIsRefusedBeforeTheRun) {
  const ScratchDirectory scratch;
  std::filesystem::create_directory(scratch.file("run"));
  const auto refused = RunRecorder::create(scratch.file("run"));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorKind::usage);
  EXPECT_THAT(refused.error().message, HasSubstr("already exists"));
  EXPECT_THAT(refused.error().message, HasSubstr("-o"));
  EXPECT_EQ(scratch.names().size(), 1u);
}

TEST(RunRecorder, ADirectoryThatAppearsMeanwhileIsNotReplaced) {
  const ScratchDirectory scratch;
  auto recorder = RunRecorder::create(scratch.file("run")).value();
  std::filesystem::create_directory(scratch.file("run"));
  const auto finished = recorder->finish({{"run.json", "{}"}});
  ASSERT_FALSE(finished.has_value());
  EXPECT_EQ(finished.error().kind, ErrorKind::usage);
  EXPECT_TRUE(std::filesystem::is_empty(scratch.file("run")));
  EXPECT_EQ(scratch.names().size(), 1u);
}

TEST(RunRecorder, ADirectoryThatCantBeMadeIsAnErrorWithTheReason) {
  const ScratchDirectory scratch;
  auto file = LineFile::create(scratch.file("file")).value();
  ASSERT_TRUE(file->close().has_value());
  const auto refused = RunRecorder::create(scratch.file("file/run"));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorKind::failed);
  EXPECT_THAT(refused.error().message, HasSubstr(scratch.file("file")));
  EXPECT_THAT(refused.error().message, HasSubstr("Not a directory"));
}

TEST(LineFile, AFullDiskIsAnErrorWithPathAndReason) {
  auto file = LineFile::create("/dev/full").value();
  EXPECT_TRUE(file->append("small enough for the buffer\n").has_value());
  const auto closed = file->close();
  ASSERT_FALSE(closed.has_value());
  EXPECT_EQ(closed.error().message, "can't write /dev/full: No space left on device");
  auto large = LineFile::create("/dev/full").value();
  EXPECT_FALSE(large->append(std::string(1 << 20, 'x')).has_value());
}

TEST(RunRecorder, AFullDiskIsKeptAndReportedAndLeavesNothing) {
  const ScratchDirectory scratch;
  auto recorder = RunRecorder::create(scratch.file("run")).value();
  // A file that is always full, where the recorder is about to write.
  for (const auto& entry : std::filesystem::directory_iterator(scratch.path())) {
    std::filesystem::create_symlink("/dev/full", entry.path() / "series.csv");
  }
  const auto finished = recorder->finish({{"series.csv", "time_s\n"}, {"run.json", "{}"}});
  ASSERT_FALSE(finished.has_value());
  EXPECT_THAT(finished.error().message, HasSubstr("No space left on device"));
  EXPECT_TRUE(recorder->write_error().has_value());
  EXPECT_EQ(scratch.names().size(), 0u);
}

}  // namespace
}  // namespace wsfleet
