// SPDX-License-Identifier: Apache-2.0
// The verbs that run something, as scripts meet them: exit statuses, directories, the same bytes
// for the same seed, Ctrl-C.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "engine/testing/command.h"
#include "results/summary/scores.h"

namespace wsfleet {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

// Half a minute of work for three pods; a crowd makes hpa scale.
constexpr const char* kSmallFleet = R"(format = 1
name = "small"
duration = "10m"
warmup = "1m"
[workload.arrivals]
shape = "flash"
base = 0.5
peak = 4.0
start = "2m"
rise = "30s"
hold = "2m"
[workload.session]
length = { distribution = "exponential", mean = "2m" }
messages_per_second = 0.2
[server]
max_connections = 60
drain = { mode = "paced", over = "10s" }
[cluster]
nodes = { count = 2, cores = 4, memory = "8GiB" }
balancer = "least_connections"
[scaler]
max_replicas = 12
[policy.hpa]
target_connections = 40
scale_down = { stabilization_window = "1m" }
[[fault]]
at = "7m"
kind = "pod_kill"
)";

class CommandRuns : public testing::Test {
 protected:
  void SetUp() override { here.write("small.toml", kSmallFleet); }
  ScratchDirectory here;
};

/// Everything but the wall clock.
std::string without_wall_time(const std::string& text) {
  return std::regex_replace(text, std::regex("\"wall_s\": ?[0-9.e+-]+"), "\"wall_s\":0");
}

TEST_F(CommandRuns, ARunHasItsDirectoryAndItsJson) {
  const CommandResult result = wsfleet(here, {"run", "small.toml", "--seed", "3", "--json"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.err, "");
  const json run = json::parse(result.out);
  EXPECT_EQ(run["format"], 1);
  EXPECT_EQ(run["scenario"], "small");
  EXPECT_EQ(run["policy"], "hpa");
  EXPECT_EQ(run["seed"], 3);
  EXPECT_EQ(run["backend"], "simulated");
  EXPECT_EQ(run["simulated_s"], 600);
  EXPECT_GT(run["events"], 1000);
  EXPECT_EQ(run["directory"], "runs/small-hpa-3");
  EXPECT_TRUE(run["expect"].empty());
  for (const std::string& score : score_names()) EXPECT_TRUE(run["scores"].contains(score));
  for (const char* file : {"run.json", "series.csv", "decisions.ndjson", "events.ndjson"}) {
    EXPECT_TRUE(here.has(std::string("runs/small-hpa-3/") + file)) << file;
  }
}

TEST_F(CommandRuns, TheSameSeedGivesTheSameBytes) {
  ASSERT_EQ(wsfleet(here, {"run", "small.toml", "-o", "a"}).status, 0);
  ASSERT_EQ(wsfleet(here, {"run", "small.toml", "-o", "b"}).status, 0);
  ASSERT_EQ(wsfleet(here, {"run", "small.toml", "-o", "c", "--seed", "2"}).status, 0);
  EXPECT_EQ(without_wall_time(here.read("a/run.json")), without_wall_time(here.read("b/run.json")));
  for (const char* file : {"series.csv", "decisions.ndjson", "events.ndjson"}) {
    const std::string name = file;
    EXPECT_EQ(here.read("a/" + name), here.read("b/" + name)) << name;
    EXPECT_NE(here.read("a/" + name), here.read("c/" + name)) << name;
  }
}

TEST_F(CommandRuns, OverridesAndOwnSettingsReachTheRun) {
  const auto peak = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"run", "small.toml", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const CommandResult result = wsfleet(here, arguments);
    EXPECT_EQ(result.status, 0) << result.err;
    return json::parse(result.out)["scores"]["ready_replicas_max"].get<double>();
  };
  const double usual = peak({"-o", "usual"});
  EXPECT_GT(usual, 3);
  EXPECT_EQ(peak({"-o", "fixed", "--policy", "fixed:replicas=2"}), 2);
  EXPECT_GT(peak({"-o", "low", "--policy", "hpa:target_connections=20"}), usual);
  EXPECT_EQ(peak({"-o", "few", "--set", "scaler.max_replicas=3"}), 3);
}

TEST_F(CommandRuns, ResultsAreNeverOverwrittenAndNothingIsHalfWritten) {
  ASSERT_EQ(wsfleet(here, {"run", "small.toml"}).status, 0);
  const std::string before = here.read("runs/small-hpa-1/run.json");
  const CommandResult again = wsfleet(here, {"run", "small.toml"});
  EXPECT_EQ(again.status, 2);
  EXPECT_THAT(again.err, HasSubstr("runs/small-hpa-1 already exists"));
  EXPECT_EQ(here.read("runs/small-hpa-1/run.json"), before);

  const CommandResult unwritable = wsfleet(here, {"run", "small.toml", "-o", "small.toml/results"});
  EXPECT_EQ(unwritable.status, 1);
  EXPECT_THAT(unwritable.err, HasSubstr("small.toml: Not a directory"));
  EXPECT_EQ(wsfleet(here, {"compare", "small.toml", "-o", "runs"}).status, 2);
  EXPECT_THAT(here.names(), ElementsAre("runs", "small.toml"));
}

TEST_F(CommandRuns, AMissedConditionIs99) {
  here.write("strict.toml", std::string(kSmallFleet) +
                                "[expect]\nrefused_share = \"<= 1\"\npod_hours = \"< 0.01\"\n");
  const CommandResult result = wsfleet(here, {"run", "strict.toml", "--json"});
  EXPECT_EQ(result.status, 99);
  const json expect = json::parse(result.out)["expect"];
  ASSERT_EQ(expect.size(), 2U);
  EXPECT_EQ(expect[0]["condition"], "pod_hours < 0.01");
  EXPECT_EQ(expect[0]["met"], false);
  EXPECT_EQ(expect[1]["met"], true);
}

TEST_F(CommandRuns, ComparisonsDoNotDependOnTheNumberOfJobs) {
  const auto compare = [&](const std::string& jobs) {
    const CommandResult result =
        wsfleet(here, {"compare", "small.toml", "--policies", "fixed:replicas=3,hpa,oracle",
                       "--seeds", "3", "--jobs", jobs, "--json", "-o", "jobs" + jobs});
    EXPECT_EQ(result.status, 0) << result.err;
    return std::regex_replace(without_wall_time(result.out), std::regex("jobs[0-9]"), "jobs");
  };
  const std::string one = compare("1");
  EXPECT_EQ(one, compare("2"));
  EXPECT_EQ(one, compare("5"));
  const json parsed = json::parse(one);
  EXPECT_EQ(parsed["runs"].size(), 9U);
  EXPECT_EQ(parsed["comparisons"][0]["policies"][0]["policy"], "fixed:replicas=3");
  EXPECT_EQ(here.read("jobs1/runs/small-hpa-1/decisions.ndjson"),
            here.read("jobs2/runs/small-hpa-1/decisions.ndjson"));
}

TEST_F(CommandRuns, AComparisonRunsWhatRunRuns) {
  ASSERT_EQ(
      wsfleet(here, {"compare", "small.toml", "-p", "hpa,original", "--seeds", "2", "-o", "c"})
          .status,
      0);
  ASSERT_EQ(wsfleet(here, {"run", "small.toml", "-p", "original", "-o", "r"}).status, 0);
  for (const char* file : {"series.csv", "decisions.ndjson", "events.ndjson"}) {
    EXPECT_EQ(here.read(std::string("c/runs/small-original-1/") + file),
              here.read(std::string("r/") + file))
        << file;
  }
}

TEST_F(CommandRuns, CompareEndsWithAdviceAndTheReportsPath) {
  const CommandResult result =
      wsfleet(here, {"compare", "small.toml", "-p", "fixed,hpa", "--seeds", "3"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.err, "");
  EXPECT_THAT(result.out, HasSubstr("\nUse hpa"));
  EXPECT_TRUE(result.out.ends_with("\nReport: runs/small-compare-1/report.html\n")) << result.out;
  std::istringstream lines(result.out);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 110U) << line;
  for (const char* file : {"runs.sqlite", "comparison.json", "report.html"}) {
    EXPECT_TRUE(here.has(std::string("runs/small-compare-1/") + file)) << file;
  }
  ASSERT_EQ(wsfleet(here, {"compare", "small.toml", "-p", "fixed", "--seeds", "1"}).status, 0);
  EXPECT_TRUE(here.has("runs/small-compare-2/report.html"));
}

TEST_F(CommandRuns, AllScoresShowsTheRest) {
  const std::vector<std::string> compare = {"compare",   "small.toml", "-p",
                                            "fixed,hpa", "--seeds",    "2"};
  const std::vector<std::string> sweep = {
      "sweep", "small.toml", "--over", "scaler.max_replicas=2,4", "--seeds", "2"};
  for (std::vector<std::string> words : {compare, sweep}) {
    const CommandResult some = wsfleet(here, words);
    EXPECT_THAT(some.out, Not(HasSubstr("sessions_completed")));
    EXPECT_THAT(some.out, HasSubstr("--all-scores shows "));
    words.push_back("--all-scores");
    const CommandResult all = wsfleet(here, words);
    ASSERT_EQ(all.status, 0) << all.err;
    EXPECT_THAT(all.out, HasSubstr("sessions_completed"));
    EXPECT_THAT(all.out, Not(HasSubstr("--all-scores")));
    words.insert(words.end(), {"--scores", "pod_hours"});
    EXPECT_EQ(wsfleet(here, words).status, 2);
  }
}

TEST_F(CommandRuns, SeveralScenariosHaveAPageAndASentenceEach) {
  std::string other = kSmallFleet;
  here.write("other.toml", other.replace(other.find("\"small\""), 7, "\"other\""));
  const CommandResult result =
      wsfleet(here, {"compare", "small.toml", "other.toml", "-p", "hpa,fixed", "--seeds", "2"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("\nsmall: "));
  EXPECT_THAT(result.out, HasSubstr("\nother: "));
  EXPECT_TRUE(here.has("runs/compare-1/report-small.html"));
  EXPECT_TRUE(here.has("runs/compare-1/report-other.html"));

  here.write("twin.toml", kSmallFleet);
  const CommandResult twins = wsfleet(here, {"compare", "small.toml", "twin.toml"});
  EXPECT_EQ(twins.status, 2);
  EXPECT_EQ(twins.err, "error: small.toml and twin.toml have the same name, 'small'\n");
}

TEST_F(CommandRuns, TheBaselineIsAGate) {
  const std::vector<std::string> compare = {"compare", "small.toml", "-p", "hpa", "--seeds", "4"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), compare.begin(), compare.end());
    return wsfleet(here, more);
  };
  ASSERT_EQ(with({"-o", "before"}).status, 0);
  EXPECT_EQ(with({"-o", "same", "--baseline", "before"}).status, 0);
  const CommandResult worse =
      with({"-o", "worse", "--baseline", "before", "--set", "server.max_connections=20"});
  EXPECT_EQ(worse.status, 99) << worse.out;
  EXPECT_THAT(worse.out, HasSubstr("refused_share"));
  EXPECT_NE(with({"-o", "none", "--baseline", "nowhere"}).status, 0);
  EXPECT_FALSE(here.has("none"));
}

TEST_F(CommandRuns, SweepCrossesValuesPoliciesAndSeeds) {
  const CommandResult result =
      wsfleet(here, {"sweep", "small.toml", "--over", "server.drain.mode=none,paced", "--over",
                     "server.max_connections=40,60", "-p", "hpa,fixed", "--seeds", "2", "--json"});
  ASSERT_EQ(result.status, 0) << result.err;
  const json parsed = json::parse(result.out);
  EXPECT_EQ(parsed["runs"].size(), 16U);
  EXPECT_EQ(parsed["comparisons"].size(), 4U);
  EXPECT_EQ(parsed["comparisons"][1]["scenario"],
            "small server.drain.mode=none server.max_connections=60");
  EXPECT_TRUE(here.has("runs/small-sweep-1/runs.sqlite"));

  const CommandResult table =
      wsfleet(here, {"sweep", "small.toml", "--over", "scaler.max_replicas=2,4", "--seeds", "2",
                     "--scores", "ready_replicas_max"});
  EXPECT_THAT(table.out, HasSubstr("\nmax_replicas=4, hpa "));
  EXPECT_THAT(table.out, HasSubstr("ready_replicas_max"));
}

TEST_F(CommandRuns, ReportsAreWrittenOnceMore) {
  ASSERT_EQ(wsfleet(here, {"run", "small.toml", "-o", "run"}).status, 0);
  const CommandResult run = wsfleet(here, {"report", "run"});
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_EQ(run.out, "run/report.html\n");
  EXPECT_THAT(here.read("run/report.html"), HasSubstr("small"));

  ASSERT_EQ(
      wsfleet(here, {"compare", "small.toml", "-p", "hpa,fixed", "--seeds", "2", "-o", "both"})
          .status,
      0);
  const CommandResult both = wsfleet(here, {"report", "both", "-o", "page.html"});
  EXPECT_EQ(both.status, 0) << both.err;
  EXPECT_THAT(here.read("page.html"), HasSubstr("fixed"));
}

TEST_F(CommandRuns, RecordedObservationsBringTheRecordedDecisions) {
  ASSERT_EQ(wsfleet(here, {"run", "small.toml", "-o", "run"}).status, 0);
  const std::string recorded = here.read("run/decisions.ndjson");
  const CommandResult decided =
      wsfleet(here, {"decide", "--scenario", "small.toml", "--policy", "hpa"}, recorded);
  ASSERT_EQ(decided.status, 0) << decided.err;
  std::istringstream before(recorded);
  std::istringstream after(decided.out);
  std::string line;
  std::string answer;
  int lines = 0;
  while (std::getline(before, line) && std::getline(after, answer)) {
    EXPECT_EQ(json::parse(line)["decision"], json::parse(answer));
    ++lines;
  }
  EXPECT_EQ(lines, 40);  // each 15 s for 10 min
}

TEST_F(CommandRuns, CtrlCKeepsWhatARunHasRecorded) {
  const CommandResult result = wsfleet_interrupted(
      here, {"run", "small.toml", "--set", "duration=2000h", "-o", "long", "--json"},
      "long.partial-*/decisions.ndjson");
  EXPECT_EQ(result.status, 105);
  EXPECT_THAT(result.err, HasSubstr("stopped after"));
  EXPECT_THAT(here.names(), ElementsAre("long", "small.toml"));
  const json run = json::parse(here.read("long/run.json"));
  EXPECT_EQ(run["stopped"], true);
  EXPECT_GT(run["simulated_s"], 0);
  EXPECT_LT(run["simulated_s"], 2000 * 3600);
  EXPECT_EQ(json::parse(result.out)["simulated_s"], run["simulated_s"]);
}

TEST_F(CommandRuns, CtrlCKeepsTheFinishedRunsOfAComparison) {
  const CommandResult result = wsfleet_interrupted(
      here, {"compare", "small.toml", "-p", "hpa,fixed", "--seeds", "3000", "-o", "long", "--json"},
      "long.partial-*/runs/small-hpa-1/run.json");
  EXPECT_EQ(result.status, 105);
  EXPECT_THAT(result.err, HasSubstr("had finished and are kept"));
  EXPECT_THAT(here.names(), ElementsAre("long", "small.toml"));
  EXPECT_TRUE(here.has("long/runs.sqlite"));
  const json kept = json::parse(result.out);
  EXPECT_GE(kept["runs"].size(), 1U);
  EXPECT_LT(kept["runs"].size(), 6000U);
}

TEST_F(CommandRuns, AFullDiskLeavesNothingHalfWritten) {
  // Files of more than 8 KiB can't be written: what a full disk looks like to the program.
  const std::string limited = std::string("cd '") + here.path() +
                              "' && trap '' XFSZ && ulimit -f 8 && '" + WSFLEET_PROGRAM + "' ";
  const auto status = [&](const std::string& arguments) {
    const std::string script = limited + arguments + " >out 2>error";
    return WEXITSTATUS(std::system(("bash -c \"" + script + "\"").c_str()));
  };
  EXPECT_EQ(status("run small.toml -o results"), 1);
  EXPECT_THAT(here.read("error"), HasSubstr("decisions.ndjson: File too large"));
  EXPECT_EQ(status("compare small.toml -p hpa --seeds 2 -o results"), 1);
  EXPECT_THAT(here.names(), ElementsAre("error", "out", "small.toml"));
}

TEST_F(CommandRuns, AFullDiskBehindStdoutIsAnError) {
  const std::string command =
      std::string("cd '") + here.path() + "' && '" + WSFLEET_PROGRAM + "' policies > /dev/full";
  EXPECT_EQ(WEXITSTATUS(std::system((command + " 2>error").c_str())), 1);
  EXPECT_THAT(here.read("error"), HasSubstr("stdout can't be written"));
}

}  // namespace
}  // namespace wsfleet
