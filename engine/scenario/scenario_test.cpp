// SPDX-License-Identifier: Apache-2.0
#include "engine/scenario/scenario.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/toml/scenario_format.h"
#include "engine/scenario/scenario_checks.h"

namespace wsfleet {
namespace {

using testing::HasSubstr;

constexpr const char* kHead = "format = 1\nname = \"trial\"\nduration = \"10m\"\n";

ScenarioLoad load(const std::string& text, const std::vector<std::string>& sets = {}) {
  return load_scenario(TomlDocument::parse(text, "trial.toml"), sets);
}

std::string problems(const std::string& text, const std::vector<std::string>& sets = {}) {
  return render(load(text, sets).diagnostics);
}

TEST(Scenario, DefaultsAreThoseOfTheSections) {
  const ScenarioLoad loaded = load(kHead);
  ASSERT_TRUE(loaded.ok()) << render(loaded.diagnostics);
  const Scenario& scenario = loaded.scenario;
  EXPECT_EQ(scenario.name, "trial");
  EXPECT_EQ(scenario.duration, 10 * kMinute);
  EXPECT_EQ(scenario.warmup, 0);
  EXPECT_EQ(scenario.seed, 1U);
  EXPECT_FALSE(scenario.start_steady);
  EXPECT_EQ(scenario.server.max_connections, 1000);
  EXPECT_EQ(scenario.scaler.policy, "hpa");
  EXPECT_TRUE(scenario.faults.empty());
}

TEST(Scenario, TheObjectiveTakesWhatItNeedsFromOtherSections) {
  const ScenarioLoad loaded = load(std::string(kHead) +
                                   "[server]\nmax_connections = 50\n"
                                   "[cluster]\npod = { cpu_request = 0.1, cpu_limit = 0.5 }\n"
                                   "[scaler]\nmin_replicas = 3\n");
  ASSERT_TRUE(loaded.ok()) << render(loaded.diagnostics);
  EXPECT_EQ(loaded.scenario.objective.connections_per_pod, 40);
  EXPECT_EQ(loaded.scenario.objective.min_replicas, 3);
  EXPECT_EQ(loaded.scenario.objective.cores_per_pod, 0.5);
}

TEST(Scenario, EveryMistakeIsToldAtOnceWithItsPlace) {
  EXPECT_EQ(problems(R"(format = 1
name = "Flash Crowd"
duration = "5 parsecs"
seeed = 3
[workload.arrivals]
shape = "constant"
rate = -2.0
[server]
max_conections = 10
[scaler]
policy = "hpaa"
[policy.hpa]
target_utilisation = 0.7
[policy.magic]
x = 1
[[fault]]
at = "5m"
kind = "pod_kil"
[expect]
refused_shar = "< 0.1"
)"),
            R"(trial.toml:2:8: error: 'Flash Crowd' can't be a scenario's name
   2 | name = "Flash Crowd"
     |        ^ use small letters, digits, '-' and '_', as in flash-crowd
)"
            R"(trial.toml:3:12: error: 'duration': '5 parsecs' is not a duration; )"
            R"(write it as "250ms", "15s" or "1h30m" (units: ns, us, ms, s, m, h, d)
   3 | duration = "5 parsecs"
     |            ^
trial.toml:4:1: error: unknown key 'seeed' in the top level
   4 | seeed = 3
     | ^ did you mean 'seed'?
trial.toml:7:8: error: 'workload.arrivals.rate' must be at least 0, not -2
   7 | rate = -2.0
     |        ^
trial.toml:9:1: error: unknown key 'max_conections' in [server]
   9 | max_conections = 10
     | ^ did you mean 'max_connections'?
trial.toml:11:10: error: 'scaler.policy' must be one of fixed, hpa, oracle, original, not 'hpaa'
  11 | policy = "hpaa"
     |          ^ did you mean 'hpa'?
trial.toml:13:1: error: unknown key 'target_utilisation' in [policy.hpa]
  13 | target_utilisation = 0.7
     | ^
trial.toml:14:9: error: unknown key 'magic' in [policy]
  14 | [policy.magic]
     |         ^
)"
            R"(trial.toml:18:8: error: 'fault[0].kind' must be one of api_outage, network_cut, )"
            R"(node_down, pod_kill, prometheus_outage, redis_outage, slow_start, not 'pod_kil'
  18 | kind = "pod_kil"
     |        ^ did you mean 'pod_kill'?
trial.toml:20:16: error: unknown score 'refused_shar' in [expect]
  20 | refused_shar = "< 0.1"
     |                ^ did you mean 'refused_share'?)");
}

TEST(Scenario, TheFormatComesFirst) {
  EXPECT_THAT(problems("name = \"x\"\n"), HasSubstr("does not say its format"));
  const std::string other = problems("format = 2\nname = \"x\"\nnew_key = 1\n");
  EXPECT_THAT(other, HasSubstr("format 2 is not known to this version"));
  EXPECT_THAT(other, testing::Not(HasSubstr("new_key")));
}

// wsfleet-scaler and wsfleet-loadgen accept what is in the list and nothing else.
TEST(Scenario, ItsTopLevelKeysAreThoseThatAllReadersKnow) {
  for (const std::string& key : load(kHead).scenario.document.known_keys()) {
    const std::string top = key.substr(0, key.find_first_of(".["));
    EXPECT_NE(std::find(kScenarioKeys.begin(), kScenarioKeys.end(), top), kScenarioKeys.end())
        << "add '" << top << "' to core/toml/scenario_format.h";
  }
  for (const std::string_view key : kScenarioKeys) {
    TomlDocument document = TomlDocument::parse(kHead, "trial.toml");
    const std::string wrong = std::string(key) + "=true";
    EXPECT_FALSE(load_scenario(document, {wrong}).ok()) << "nobody reads '" << key << "'";
  }
}

TEST(Scenario, AnEmptyFileAndBrokenTomlAreMistakesLikeOthers) {
  EXPECT_THAT(problems(""), HasSubstr("the file is empty"));
  EXPECT_THAT(problems("format = 1\nname = \n"), HasSubstr("trial.toml:2"));
  EXPECT_THAT(render(load_scenario("no-such-file.toml", {}).diagnostics),
              HasSubstr("no-such-file.toml: error: can't read the file"));
}

TEST(Scenario, TimesMustFitTogether) {
  EXPECT_THAT(problems("format = 1\nname = \"x\"\nduration = \"5m\"\nwarmup = \"5m\"\n"),
              HasSubstr("'warmup' must be shorter than the duration of 5m"));
  EXPECT_THAT(problems("format = 1\nname = \"x\"\nduration = \"1500ms\"\n"),
              HasSubstr("whole number of seconds"));
  EXPECT_THAT(problems("format = 1\nname = \"x\"\nduration = \"0s\"\n"),
              HasSubstr("'duration' must be over 0s"));
  EXPECT_THAT(
      problems(std::string(kHead) + "[[fault]]\nat = \"10m\"\nkind = \"pod_kill\"\n"),
      HasSubstr("trial.toml:5:6: error: the fault would come after the run, which lasts 10m"));
  EXPECT_EQ(problems(std::string(kHead) + "[[fault]]\nat = \"9m59s\"\nkind = \"pod_kill\"\n"), "");
}

TEST(Scenario, AWrongDurationBringsNoFollowUpOnFaults) {
  const std::string text = problems(
      "format = 1\nname = \"x\"\nduration = 5\n[[fault]]\nat = \"5m\"\nkind = \"pod_kill\"\n");
  EXPECT_THAT(text, testing::Not(HasSubstr("after the run")));
}

TEST(Scenario, OverridesAreCheckedLikeTheFile) {
  const ScenarioLoad loaded = load(
      kHead, {"duration=20m", "server.max_connections=70", "policy.hpa.target_connections=30"});
  ASSERT_TRUE(loaded.ok()) << render(loaded.diagnostics);
  EXPECT_EQ(loaded.scenario.duration, 20 * kMinute);
  EXPECT_EQ(loaded.scenario.server.max_connections, 70);
  EXPECT_THAT(loaded.scenario.document.text(), HasSubstr("target_connections = 30"));
  EXPECT_THAT(problems(kHead, {"server.max_conections=70"}), HasSubstr("max_conections"));
  EXPECT_THAT(problems(kHead, {"server"}), HasSubstr("this is no assignment"));
}

TEST(Scenario, WarnsOfWhatIsProbablyNotMeant) {
  const ScenarioLoad loaded =
      load(std::string("start = \"steady\"\n") + kHead +
           "[workload.arrivals]\nshape = \"constant\"\nrate = 10.0\n"
           "[server]\nmax_connections = 100\n"
           "[objective]\nconnections_per_pod = 200\n"
           "[cluster]\nnodes = { count = 1, cores = 1, memory = \"1GiB\" }\n");
  ASSERT_TRUE(loaded.ok()) << render(loaded.diagnostics);
  EXPECT_THAT(loaded.warnings,
              testing::UnorderedElementsAre(
                  HasSubstr("room for 4 pods by their requests, [scaler] max_replicas is 10"),
                  HasSubstr("begins with about 6000 sessions, the 1 initial pods hold 100"),
                  HasSubstr("connections_per_pod is 200")));
}

TEST(Scenario, PodsFitByTheScarcerResource) {
  ClusterSettings cluster;
  cluster.nodes = {.count = 3, .cores = 4, .memory_bytes = std::int64_t{4} << 30};
  cluster.pod.cpu_request = 0.5;
  cluster.pod.memory_request_bytes = 0;
  cluster.pod.memory_limit_bytes = std::int64_t{1} << 30;
  EXPECT_EQ(pods_that_fit(cluster), 12);  // by memory: the limit counts as request
  cluster.pod.memory_request_bytes = std::int64_t{256} << 20;
  EXPECT_EQ(pods_that_fit(cluster), 24);  // by CPU
}

TEST(Scenario, AFaultThatTheBackendCanNotHonourIsNamedWithIt) {
  ScenarioLoad loaded = load(std::string(kHead) +
                             "[[fault]]\nat = \"1m\"\nkind = \"node_down\"\nfor = \"1m\"\n"
                             "[[fault]]\nat = \"1m\"\nkind = \"pod_kill\"\n");
  ASSERT_TRUE(loaded.ok()) << render(loaded.diagnostics);
  check_backend(loaded.scenario, "simulated");
  EXPECT_TRUE(loaded.scenario.document.diagnostics().empty());
  check_backend(loaded.scenario, "local");
  const auto found = loaded.scenario.document.diagnostics();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_THAT(render(found), HasSubstr("trial.toml:6:8: error: the backend 'local' can't honour "
                                       "fault.kind = \"node_down\""));
}

TEST(Scenario, WhatAClusterCanNotDoIsNamedWithIt) {
  ScenarioLoad loaded = load(std::string(kHead) +
                             "[server]\npre_stop = \"1s\"\n"
                             "[cluster]\ncontroller = \"deployment\"\ningress = \"none\"\n");
  ASSERT_TRUE(loaded.ok()) << render(loaded.diagnostics);
  check_backend(loaded.scenario, "local");
  EXPECT_TRUE(loaded.scenario.document.diagnostics().empty());
  check_backend(loaded.scenario, "kubernetes");
  const std::string found = render(loaded.scenario.document.diagnostics());
  EXPECT_THAT(found, HasSubstr("the backend 'kubernetes' can't honour server.pre_stop:"));
  EXPECT_THAT(found, HasSubstr("can't honour cluster.controller = \"deployment\":"));
  EXPECT_THAT(found, HasSubstr("can't honour cluster.ingress = \"none\":"));
}

TEST(Scenario, WhatAClusterWouldRoundOrShareIsRefusedThere) {
  ScenarioLoad loaded =
      load(std::string(kHead) + "[server]\ntermination_grace = \"40500ms\"\n[cluster]\n" +
           "readiness = { initial_delay = \"1s\", period = \"500ms\", timeout = \"100ms\" }\n" +
           "balancer = \"client_ip\"\n");
  ASSERT_TRUE(loaded.ok()) << render(loaded.diagnostics);
  check_backend(loaded.scenario, "local");
  EXPECT_TRUE(loaded.scenario.document.diagnostics().empty());
  check_backend(loaded.scenario, "kubernetes");
  const std::string found = render(loaded.scenario.document.diagnostics());
  EXPECT_EQ(loaded.scenario.document.diagnostics().size(), 4U) << found;
  EXPECT_THAT(found, HasSubstr("can't honour period = \"500ms\": probes and graces are whole "));
  EXPECT_THAT(found, HasSubstr("can't honour termination_grace = \"40s500ms\""));
  EXPECT_THAT(found, HasSubstr("can't honour a balancer by client address"));
}

TEST(Scenario, ARedisOutageNeedsRedis) {
  const std::string outage = "[[fault]]\nat = \"1m\"\nkind = \"redis_outage\"\nfor = \"1m\"\n";
  const ScenarioLoad without = load(std::string(kHead) + outage);
  EXPECT_EQ(without.diagnostics.size(), 1U);
  EXPECT_THAT(render(without.diagnostics),
              HasSubstr("trial.toml:6:8: error: a redis_outage needs servers with Redis, but "
                        "'server.redis' is false"));
  EXPECT_THAT(render(without.diagnostics), HasSubstr("set [server] redis = true"));
  EXPECT_TRUE(load(std::string(kHead) + outage + "[server]\nredis = true\n").ok());
}

TEST(Scenario, ABroadcastNeedsRoomsAndRoomsABroadcast) {
  const std::string broadcast = std::string(kHead) + "[server]\nmode = \"broadcast\"\n";
  const std::string rooms = "[workload.session]\nrooms = 3\n";
  EXPECT_THAT(render(load(broadcast).diagnostics),
              HasSubstr("'server.mode' is \"broadcast\", but 'workload.session.rooms' is 0"));
  const ScenarioLoad both = load(broadcast + rooms);
  EXPECT_TRUE(both.ok()) << render(both.diagnostics);
  EXPECT_TRUE(both.warnings.empty());
  EXPECT_EQ(both.scenario.server.mode, MessageMode::broadcast);
  EXPECT_THAT(load(std::string(kHead) + rooms).warnings,
              testing::ElementsAre(HasSubstr("servers that echo know no rooms")));
}

TEST(Scenario, AnExpectationThatALiveBackendCanNotKnowIsNamedWithIt) {
  ScenarioLoad loaded = load(std::string(kHead) +
                             "[expect]\ndeliveries_missed_share = \"< 0.17\"\n"
                             "store_stale_s = \"< 200\"\nsessions_lost = \"== 0\"\n");
  ASSERT_TRUE(loaded.ok()) << render(loaded.diagnostics);
  check_backend(loaded.scenario, "simulated");
  EXPECT_TRUE(loaded.scenario.document.diagnostics().empty());
  check_backend(loaded.scenario, "local");
  EXPECT_EQ(loaded.scenario.document.diagnostics().size(), 2U);
  const std::string found = render(loaded.scenario.document.diagnostics());
  EXPECT_THAT(found, HasSubstr("the backend 'local' can't know deliveries_missed_share:"));
  EXPECT_THAT(found, HasSubstr("the backend 'local' can't know store_stale_s:"));
}

}  // namespace
}  // namespace wsfleet
