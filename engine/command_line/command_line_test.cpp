// SPDX-License-Identifier: Apache-2.0
// The command as scripts and people meet it: transcripts of the built program, without any run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "build_paths/source_dir.h"
#include "engine/testing/command.h"
#include "scaler/policies/policies.h"

namespace wsfleet {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kGood = "format = 1\nname = \"trial\"\nduration = \"2m\"\n";

TEST(CommandLine, WithoutAVerbItExplainsItself) {
  const ScratchDirectory here;
  const CommandResult bare = wsfleet(here, {});
  EXPECT_EQ(bare.status, 2);
  EXPECT_EQ(bare.out, "");
  const CommandResult help = wsfleet(here, {"--help"});
  EXPECT_EQ(help.status, 0);
  EXPECT_EQ(help.out, bare.err);
  EXPECT_THAT(help.out, AllOf(HasSubstr("Examples:"), HasSubstr("105 stopped by the user")));
  for (const char* verb : {"init", "validate", "run", "compare", "sweep", "report", "fidelity",
                           "decide", "policies", "completion"}) {
    EXPECT_THAT(help.out, HasSubstr(std::string("\n  ") + verb + " ")) << verb;
    const CommandResult verb_help = wsfleet(here, {"help", verb});
    EXPECT_EQ(verb_help.status, 0);
    EXPECT_THAT(verb_help.out, AllOf(HasSubstr(verb), HasSubstr("Examples:"))) << verb;
  }
  EXPECT_EQ(wsfleet(here, {"--version"}).out, "wsfleet " WSFLEET_VERSION "\n");
}

struct UsageMistake {
  const char* name;
  std::vector<std::string> arguments;
  std::string err;
};

class CommandLineUsage : public testing::TestWithParam<UsageMistake> {};

TEST_P(CommandLineUsage, EndsWith2AndSaysWhatWasMeant) {
  const ScratchDirectory here;
  here.write("good.toml", kGood);
  const CommandResult result = wsfleet(here, GetParam().arguments);
  EXPECT_EQ(result.status, 2);
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(result.err, GetParam().err);
  EXPECT_THAT(here.names(), testing::ElementsAre("good.toml"));
}

INSTANTIATE_TEST_SUITE_P(
    Mistakes, CommandLineUsage,
    testing::Values(
        UsageMistake{
            "UnknownVerb",
            {"comapre", "good.toml"},
            "error: unknown verb 'comapre'; did you mean 'compare'? (see wsfleet --help)\n"},
        UsageMistake{"UnknownOption",
                     {"run", "good.toml", "--polcy=hpa"},
                     "error: unknown option '--polcy'; did you mean '--policy'? (see wsfleet run "
                     "--help)\n"},
        UsageMistake{"OneTooMany",
                     {"run", "good.toml", "other.toml"},
                     "error: 'other.toml' is one argument too many (see wsfleet run --help)\n"},
        UsageMistake{
            "NoScenario", {"run"}, "error: scenario is required (see wsfleet run --help)\n"},
        UsageMistake{"UnknownBackend",
                     {"run", "good.toml", "--backend", "moon"},
                     "error: unknown backend 'moon'; there are 'simulated', 'local' and "
                     "'kubernetes'\n"},
        UsageMistake{"ClusterWithoutNames",
                     {"run", "good.toml", "--backend", "kubernetes", "--context", "minikube"},
                     "error: --backend kubernetes needs --context and --namespace: it touches no "
                     "cluster and no namespace that it was not told to\n"},
        UsageMistake{"ClusterOptionsElsewhere",
                     {"run", "good.toml", "--load-pods", "2"},
                     "error: options of a cluster need --backend kubernetes\n"},
        UsageMistake{"ManyLiveRuns",
                     {"compare", "good.toml", "--backend", "local"},
                     "error: 'compare' runs many at a time, which only simulations can: use 'run' "
                     "with the backend 'local'\n"},
        UsageMistake{"TwoPoliciesForRun",
                     {"run", "good.toml", "-p", "hpa,fixed"},
                     "error: 'run' takes one policy; 'compare' takes several\n"},
        UsageMistake{"OracleCanNotDecide",
                     {"decide", "--policy", "oracle"},
                     "error: 'oracle' needs to know the demand to come, which only a simulation "
                     "does\n"},
        UsageMistake{"NothingToSweep",
                     {"sweep", "good.toml", "--over", "server.tls"},
                     "error: --over server.tls: write --over path.to.key=value,value,...\n"},
        UsageMistake{"UnknownScore",
                     {"sweep", "good.toml", "--over", "server.tls=true", "--scores", "pod_hour"},
                     "error: unknown score 'pod_hour'; did you mean 'pod_hours'?\n"},
        UsageMistake{"NoResultsToReport",
                     {"report", "runs/nothing"},
                     "error: runs/nothing is no results directory\n"}),
    [](const auto& instance) { return std::string(instance.param.name); });

TEST(CommandLine, SeedsMustBeNumbers) {
  const ScratchDirectory here;
  here.write("good.toml", kGood);
  EXPECT_EQ(wsfleet(here, {"run", "good.toml", "--seed", "x"}).status, 2);
  EXPECT_EQ(wsfleet(here, {"compare", "good.toml", "--seeds", "0"}).status, 2);
  EXPECT_EQ(wsfleet(here, {"compare", "good.toml", "--jobs", "0"}).status, 2);
}

TEST(CommandLine, ValidateTellsAllMistakesOfAllFiles) {
  const ScratchDirectory here;
  here.write("good.toml", kGood);
  here.write("rate.toml", std::string(kGood) + "[workload.arrivals]\nrate = -1.0\n");
  here.write("unit.toml", std::string(kGood) + "[server]\ntermination_grace = \"1 minute\"\n");
  here.write("broken.toml", "format = 1\nname = [\n");
  here.write("empty.toml", "");
  const CommandResult result = wsfleet(
      here, {"validate", "good.toml", "rate.toml", "unit.toml", "broken.toml", "empty.toml"});
  EXPECT_EQ(result.status, 104);
  EXPECT_EQ(result.out, "good.toml: ok\n");
  EXPECT_THAT(result.err, StartsWith("rate.toml:5:8: error: 'workload.arrivals.rate' must be at "
                                     "least 0, not -1\n"
                                     "   5 | rate = -1.0\n"
                                     "     |        ^\n"
                                     "unit.toml:5:21: error: 'server.termination_grace': '1 "
                                     "minute' is not a duration"));
  EXPECT_THAT(result.err, HasSubstr("\nbroken.toml:"));
  EXPECT_THAT(result.err, HasSubstr("\nempty.toml: error: the file is empty (`wsfleet init` writes "
                                    "one to start from)\nerror: 4 mistakes\n"));
  EXPECT_EQ(wsfleet(here, {"validate", "good.toml", "-q"}).status, 0);
}

TEST(CommandLine, ABadTraceIsToldWithItsLine) {
  const ScratchDirectory here;
  here.write("trace.toml",
             std::string(kGood) + "[workload.arrivals]\nshape = \"trace\"\nfile = \"trace.csv\"\n");
  here.write("trace.csv", "time_s,arrivals\n0,5\n60,7\n30,9\n");
  const CommandResult unsorted = wsfleet(here, {"validate", "trace.toml"});
  EXPECT_EQ(unsorted.status, 104);
  EXPECT_THAT(unsorted.err, AllOf(HasSubstr("trace.toml:6:8: error:"), HasSubstr("trace.csv:4")));
  here.write("trace.csv", "time_s,arrivals\n0,5\n60,many\n");
  EXPECT_THAT(wsfleet(here, {"validate", "trace.toml"}).err, HasSubstr("trace.csv:3"));
}

TEST(CommandLine, NothingRunsWithAWrongScenarioOrPolicy) {
  const ScratchDirectory here;
  here.write("bad.toml", std::string(kGood) + "[server]\nmax_conections = 5\n");
  here.write("good.toml", kGood);
  const CommandResult bad = wsfleet(here, {"run", "bad.toml"});
  EXPECT_EQ(bad.status, 104);
  EXPECT_THAT(bad.err, HasSubstr("did you mean 'max_connections'?\nerror: 1 mistake; nothing was "
                                 "run\n"));
  const CommandResult policy = wsfleet(here, {"compare", "good.toml", "-p", "hpa,orcale"});
  EXPECT_EQ(policy.status, 104);
  EXPECT_EQ(policy.err, "error: unknown policy 'orcale'; did you mean 'oracle'?\n");
  const CommandResult set = wsfleet(here, {"run", "good.toml", "--set", "server.tsl=true"});
  EXPECT_EQ(set.status, 104);
  EXPECT_THAT(set.err, HasSubstr("did you mean 'tls'?"));
  const CommandResult own = wsfleet(here, {"run", "good.toml", "-p", "hpa:target_conections=3"});
  EXPECT_EQ(own.status, 104);
  EXPECT_THAT(own.err, HasSubstr("did you mean 'target_connections'?"));
  EXPECT_THAT(here.names(), testing::ElementsAre("bad.toml", "good.toml"));
}

TEST(CommandLine, ARedisOutageWithoutRedisIsInvalid) {
  const ScratchDirectory here;
  here.write("redis.toml", std::string(kGood) +
                               "[[fault]]\nat = \"1m\"\nkind = \"redis_outage\"\nfor = \"10s\"\n");
  const CommandResult result = wsfleet(here, {"run", "redis.toml"});
  EXPECT_EQ(result.status, 104);
  EXPECT_THAT(result.err, HasSubstr("redis.toml:6:8: error: a redis_outage needs servers with "
                                    "Redis, but 'server.redis' is false"));
}

TEST(CommandLine, InitWritesAScenarioThatIsValidAndNeverOverwrites) {
  const ScratchDirectory here;
  const CommandResult made = wsfleet(here, {"init", "My Fleet.toml"});
  EXPECT_EQ(made.status, 0) << made.err;
  EXPECT_EQ(made.out, "My Fleet.toml written; next: wsfleet run My Fleet.toml\n");
  EXPECT_THAT(here.read("My Fleet.toml"), HasSubstr("name = \"my-fleet\""));
  const CommandResult valid = wsfleet(here, {"validate", "My Fleet.toml"});
  EXPECT_EQ(valid.status, 0);
  EXPECT_EQ(valid.err, "");  // no warnings either

  const std::string before = here.read("My Fleet.toml");
  const CommandResult again = wsfleet(here, {"init", "My Fleet.toml"});
  EXPECT_EQ(again.status, 2);
  EXPECT_EQ(again.err, "error: My Fleet.toml already exists and is left as it is\n");
  EXPECT_EQ(here.read("My Fleet.toml"), before);

  const CommandResult nowhere = wsfleet(here, {"init", "no/such/place.toml"});
  EXPECT_EQ(nowhere.status, 1);
  EXPECT_THAT(nowhere.err, HasSubstr("No such file or directory"));
}

TEST(CommandLine, InitCopiesABundledScenario) {
  const ScratchDirectory here;
  const std::string source = std::string(WSFLEET_SOURCE_DIR) + "/scenarios/steady.toml";
  EXPECT_EQ(wsfleet(here, {"init", "mine.toml", "--from", source}).status, 0);
  EXPECT_THAT(here.read("mine.toml"), HasSubstr("name = \"steady\""));
  EXPECT_EQ(wsfleet(here, {"init", "other.toml", "--from", "no-such"}).status, 2);
  EXPECT_FALSE(here.has("other.toml"));
}

TEST(CommandLine, BundledScenariosAreFoundByName) {
  const ScratchDirectory here;
  mkdir(here.file("scenarios").c_str(), 0755);
  here.write("scenarios/trial.toml", kGood);
  EXPECT_EQ(wsfleet(here, {"validate", "trial"}).out, "scenarios/trial.toml: ok\n");
  const CommandResult missing = wsfleet(here, {"validate", "trail"});
  EXPECT_EQ(missing.status, 104);
  EXPECT_THAT(missing.err, AllOf(HasSubstr("trail: error: can't read the file"),
                                 HasSubstr("did you mean 'trial'?")));
}

TEST(CommandLine, PoliciesAreListedWithTheirKeys) {
  const ScratchDirectory here;
  const CommandResult text = wsfleet(here, {"policies"});
  EXPECT_EQ(text.status, 0);
  const auto listed = nlohmann::json::parse(wsfleet(here, {"policies", "--json"}).out);
  EXPECT_EQ(listed["format"], 1);
  ASSERT_EQ(listed["policies"].size(), policies().size());
  for (std::size_t i = 0; i < policies().size(); ++i) {
    EXPECT_EQ(listed["policies"][i]["name"], policies()[i].name);
    EXPECT_THAT(text.out, HasSubstr(std::string(policies()[i].summary)));
  }
  EXPECT_THAT(text.out, HasSubstr("target_connections"));
}

TEST(CommandLine, DecideAnswersLineByLine) {
  const ScratchDirectory here;
  const std::string observation =
      R"({"time_s": 15, "replicas": 2, "status_replicas": 2, "metrics": "ok", "pods": [)"
      R"({"name": "websocket-0", "uid": "a", "node": "n", "phase": "Running", "ready": true,)"
      R"( "terminating": false, "draining": false, "restarts": 0, "started_s": 1,)"
      R"( "connections": 90, "sample_age_s": 3}]})";
  const CommandResult good =
      wsfleet(here, {"decide", "--policy", "hpa:target_connections=30"}, observation + "\n\n");
  EXPECT_EQ(good.status, 0) << good.err;
  const auto decision = nlohmann::json::parse(good.out);
  EXPECT_EQ(decision["replicas"], 3);  // 90 / 30 over one pod with a sample
  EXPECT_NE(decision["reason"], "");

  const CommandResult bad = wsfleet(here, {"decide", "-p", "hpa"}, observation + "\nnonsense\n");
  EXPECT_EQ(bad.status, 1);
  EXPECT_THAT(bad.err, HasSubstr("line 2: "));
  EXPECT_EQ(std::count(bad.out.begin(), bad.out.end(), '\n'), 1);
}

TEST(CommandLine, CompletionIsAScriptThatBashReads) {
  const ScratchDirectory here;
  const CommandResult script = wsfleet(here, {"completion", "bash"});
  EXPECT_EQ(script.status, 0);
  here.write("completion.bash", script.out);
  const std::string check = "bash -n '" + here.file("completion.bash") + "'";
  EXPECT_EQ(std::system(check.c_str()), 0);
  EXPECT_EQ(wsfleet(here, {"completion", "tcsh"}).status, 2);
}

}  // namespace
}  // namespace wsfleet
