// SPDX-License-Identifier: Apache-2.0
#include "loadgen/live/options/read_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/live/clients/source_addresses.h"
#include "loadgen/sessions.h"

namespace wsfleet {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Words = std::map<std::string, std::vector<std::string>, std::less<>>;

LoadOptions read(Words words, std::vector<std::string>* mistakes = nullptr,
                 const ScenarioWorkload* scenario = nullptr) {
  OptionWords given;
  given.words = std::move(words);
  std::vector<std::string> targets;
  if (!given.given("--targets-file")) targets = {"ws://127.0.0.1:3000/ws/"};
  LoadOptions options =
      read_load_options(given, targets, scenario, {"client_ip", "ewma", "round_robin"});
  if (mistakes != nullptr) {
    *mistakes = given.mistakes;
  } else {
    EXPECT_THAT(given.mistakes, IsEmpty());
  }
  return options;
}

std::vector<std::string> mistakes_of(Words words) {
  std::vector<std::string> mistakes;
  read(std::move(words), &mistakes);
  return mistakes;
}

TEST(ReadOptions, AClosedPopulation) {
  const LoadOptions options = read({{"--connections", {"1000"}},
                                    {"--ramp", {"10s"}},
                                    {"--duration", {"2m"}},
                                    {"--in-flight", {"16"}},
                                    {"--message-bytes", {"1KiB"}}});
  EXPECT_EQ(options.plan.population, Population::fixed);
  EXPECT_EQ(options.plan.connections, 1000);
  EXPECT_EQ(options.plan.ramp, 10 * kSecond);
  EXPECT_EQ(options.plan.duration, 2 * kMinute);
  EXPECT_TRUE(options.plan.endless);
  EXPECT_EQ(options.messages.in_flight, 16);
  EXPECT_EQ(options.messages.bytes, 1024);
  EXPECT_EQ(options.messages.period, 0);
  EXPECT_EQ(options.plan.workload.reconnect.kind, ReconnectKind::full_jitter);
}

TEST(ReadOptions, AnOpenModel) {
  const LoadOptions options = read({{"--rate", {"2.5"}},
                                    {"--session-length", {"exponential:5m"}},
                                    {"--message-rate", {"0.2"}},
                                    {"--reconnect", {"fixed"}},
                                    {"--reconnect-base", {"3s"}},
                                    {"--max-attempts", {"4"}},
                                    {"--connect-timeout", {"2s"}},
                                    {"--shard", {"1/3"}},
                                    {"--seed", {"42"}},
                                    {"--threads", {"2"}}});
  EXPECT_EQ(options.plan.population, Population::arrivals);
  EXPECT_DOUBLE_EQ(options.plan.workload.arrivals.rate, 2.5);
  EXPECT_EQ(options.plan.workload.length.distribution, LengthDistribution::exponential);
  EXPECT_EQ(options.plan.workload.length.mean, 5 * kMinute);
  EXPECT_EQ(options.messages.period, 5 * kSecond);
  EXPECT_EQ(options.plan.workload.reconnect.kind, ReconnectKind::fixed);
  EXPECT_EQ(options.plan.workload.reconnect.base, 3 * kSecond);
  EXPECT_EQ(options.plan.workload.reconnect.max_attempts, 4);
  EXPECT_EQ(options.plan.workload.reconnect.connect_timeout, 2 * kSecond);
  EXPECT_EQ(options.shard.index, 1U);
  EXPECT_EQ(options.shard.count, 3U);
  EXPECT_EQ(options.plan.seed, 42U);
  EXPECT_EQ(options.threads, 2);
  EXPECT_EQ(options.plan.duration, 30 * kSecond);
}

TEST(ReadOptions, StagesSetTheDuration) {
  const LoadOptions options = read({{"--stage", {"30s:1000", "1m:1000", "10s:0"}}});
  EXPECT_EQ(options.plan.population, Population::stages);
  ASSERT_EQ(options.plan.stages.size(), 3U);
  EXPECT_EQ(options.plan.stages[2].connections, 0);
  EXPECT_EQ(options.plan.duration, 100 * kSecond);
}

TEST(ReadOptions, TheOriginalsClient) {
  const LoadOptions options = read({{"--like-original", {""}}});
  EXPECT_EQ(options.plan.connections, 30);
  EXPECT_EQ(options.plan.ramp, 150 * kSecond);  // 5 s apart
  EXPECT_EQ(options.plan.duration, kNever);
  const ReconnectModel model(options.plan.workload.reconnect, RandomStreams(1));
  for (std::uint32_t failed = 1; failed <= 5; ++failed) {
    EXPECT_EQ(model.delay(0, failed, failed), 5 * kSecond);
  }
  EXPECT_EQ(model.delay(0, 6, 6), std::nullopt);
}

TEST(ReadOptions, EverythingElse) {
  const LoadOptions options = read({{"--connections", {"1"}},
                                    {"--header", {"X-Team: blue", "X-Empty:"}},
                                    {"--origin", {"https://a.example"}},
                                    {"--source-addresses", {"127.0.0.2,127.0.1.254-127.0.2.1"}},
                                    {"--threshold", {"refused==0", "opened>0"}},
                                    {"--metrics-port", {"0"}},
                                    {"--start-at", {"monotonic:12.500000000"}},
                                    {"--replies", {"room"}},
                                    {"--retry-after", {""}},
                                    {"--warmup", {"3s"}},
                                    {"--quiet", {""}}});
  using Header = std::pair<std::string, std::string>;
  EXPECT_THAT(options.headers, ElementsAre(Header{"X-Team", "blue"}, Header{"X-Empty", ""}));
  EXPECT_THAT(options.source_addresses,
              ElementsAre("127.0.0.2", "127.0.1.254", "127.0.1.255", "127.0.2.0", "127.0.2.1"));
  EXPECT_EQ(options.thresholds.size(), 2U);
  EXPECT_EQ(options.metrics_port, 0);
  ASSERT_TRUE(options.start_at.has_value());
  EXPECT_TRUE(options.start_at->monotonic);
  EXPECT_EQ(options.start_at->at, from_seconds(12.5));
  EXPECT_EQ(options.messages.replies, Replies::room);
  EXPECT_TRUE(options.respect_retry_after);
  EXPECT_EQ(options.warmup, 3 * kSecond);
  EXPECT_TRUE(options.quiet);
}

TEST(ReadOptions, AStartOnTheWallClockMayHaveAFraction) {
  const LoadOptions options =
      read({{"--connections", {"1"}}, {"--start-at", {"1795546800.250000000"}}});
  ASSERT_TRUE(options.start_at.has_value());
  EXPECT_FALSE(options.start_at->monotonic);
  // A double has 2^-22 s there.
  EXPECT_NEAR(static_cast<double>(options.start_at->at - 1'795'546'800 * kSecond), 250e6, 500);
}

TEST(ReadOptions, AHostIsANameOrAnAddressWithOrWithoutAPort) {
  for (const char* host : {"websocket.local", "websocket.local:8080", "[::1]:80", "10.0.0.1"}) {
    EXPECT_EQ(read({{"--connections", {"1"}}, {"--host", {host}}}).host, host);
  }
  for (const char* host : {"", "a b", "a\r\nb", "a/b", "u@a", "a:b", "a:0"}) {
    OptionWords given;
    given.words = {{"--connections", {"1"}}, {"--host", {host}}};
    read_load_options(given, {"ws://a/"}, nullptr, {});
    EXPECT_THAT(given.mistakes, ElementsAre(HasSubstr("--host: '"))) << host;
  }
  OptionWords given;
  given.words = {{"--connections", {"1"}}, {"--header", {"hOst: a"}}};
  read_load_options(given, {"ws://a/"}, nullptr, {});
  EXPECT_THAT(given.mistakes, ElementsAre("--header: the Host header is said by --host"));
}

TEST(ReadOptions, EveryMistakeIsTold) {
  OptionWords given;
  given.words = {{"--connections", {"-1"}}, {"--message-bytes", {"1x"}}, {"--shard", {"3/3"}},
                 {"--stage", {"30s"}},      {"--reconnect", {"often"}},  {"--threshold", {"a<1"}},
                 {"--header", {"none"}},    {"--start-at", {"noon"}}};
  read_load_options(given, {"http://a"}, nullptr, {});
  for (const char* part :
       {"http://a", "one of --scenario, --connections", "--connections: '-1'", "--message-bytes",
        "--shard", "--stage", "--reconnect", "'a'", "--header", "--start-at"}) {
    EXPECT_THAT(given.mistakes, Contains(HasSubstr(part)));
  }
}

TEST(ReadOptions, WhatDoesNotGoTogetherIsTold) {
  EXPECT_THAT(mistakes_of({}), ElementsAre(HasSubstr("say who connects")));
  EXPECT_THAT(mistakes_of({{"--rate", {"1"}}, {"--connections", {"1"}}}),
              Contains(HasSubstr("say who connects")));
  EXPECT_THAT(
      mistakes_of({{"--connections", {"1"}}, {"--in-flight", {"1"}}, {"--message-rate", {"1"}}}),
      ElementsAre(HasSubstr("exclude each other")));
  EXPECT_THAT(mistakes_of({{"--rate", {"1"}}, {"--ramp", {"1s"}}}),
              ElementsAre("--ramp goes with --connections"));
  EXPECT_THAT(mistakes_of({{"--connections", {"1"}}, {"--think-time", {"1s"}}}),
              ElementsAre("--think-time goes with --in-flight"));
  EXPECT_THAT(mistakes_of({{"--connections", {"1"}}, {"--json", {"-"}}, {"--csv", {"-"}}}),
              ElementsAre(HasSubstr("stdout")));
  EXPECT_THAT(mistakes_of({{"--connections", {"1"}}, {"--set", {"a=1"}}}),
              ElementsAre("--set goes with --scenario"));
  EXPECT_THAT(mistakes_of({{"--connections", {"1"}}, {"--lead-in", {"1s"}}}),
              ElementsAre(HasSubstr("--lead-in")));
}

constexpr const char* kCrowd = R"(format = 1
name = "crowd"
duration = "1h"
warmup = "5m"
seed = 3
start = "steady"
[workload]
source_addresses = 20
[workload.arrivals]
rate = 2.0
[workload.session]
length = { distribution = "exponential", mean = "10m" }
messages_per_second = 0.5
message_bytes = 200
[workload.reconnect]
policy = "fixed"
base = "4s"
[server]
max_connections = "what other folders read"
[[fault]]
kind = "anything"
[policy.hpa]
target = 1
)";

TEST(ReadOptions, AScenarioBringsItsWorkload) {
  const ScenarioWorkload scenario = read_scenario_workload(
      TomlDocument::parse(kCrowd, "crowd.toml"), {"workload.arrivals.rate=4"});
  ASSERT_TRUE(scenario.diagnostics.empty()) << render(scenario.diagnostics);
  const LoadOptions options = read({{"--duration", {"10m"}}}, nullptr, &scenario);
  EXPECT_EQ(options.scenario, "crowd");
  EXPECT_EQ(options.plan.population, Population::arrivals);
  EXPECT_DOUBLE_EQ(options.plan.workload.arrivals.rate, 4);
  EXPECT_EQ(options.plan.seed, 3U);
  EXPECT_TRUE(options.plan.start_steady);
  EXPECT_EQ(options.plan.duration, 10 * kMinute);
  EXPECT_EQ(options.warmup, 5 * kMinute);
  EXPECT_EQ(options.messages.period, 2 * kSecond);
  EXPECT_EQ(options.messages.bytes, 200);
  EXPECT_EQ(options.plan.workload.reconnect.base, 4 * kSecond);
  EXPECT_GE(options.plan.lead_in, kSecond);
}

TEST(ReadOptions, ABroadcastingScenarioHasRooms) {
  const auto scenario_with = [](const std::vector<std::string>& sets) {
    return read_scenario_workload(TomlDocument::parse(kCrowd, "crowd.toml"), sets);
  };
  ScenarioWorkload scenario = scenario_with({});
  EXPECT_FALSE(read({}, nullptr, &scenario).plan.in_rooms);

  scenario = scenario_with({"server.mode=broadcast", "workload.session.rooms=4"});
  ASSERT_TRUE(scenario.diagnostics.empty()) << render(scenario.diagnostics);
  EXPECT_TRUE(read({}, nullptr, &scenario).plan.in_rooms);
  EXPECT_EQ(read({}, nullptr, &scenario).messages.replies, Replies::room);
  EXPECT_EQ(read({{"--replies", {"none"}}}, nullptr, &scenario).messages.replies, Replies::none);

  scenario = scenario_with(
      {"server.mode=broadcast", "workload.session.rooms=4", "workload.session.message_bytes=8"});
  std::vector<std::string> mistakes;
  read({}, &mistakes, &scenario);
  EXPECT_THAT(mistakes, ElementsAre(HasSubstr("rooms need messages of 16 bytes or more")));

  EXPECT_THAT(render(scenario_with({"server.mode=broadcast"}).diagnostics),
              HasSubstr("'workload.session.rooms' is 0"));
}

TEST(ReadOptions, FlagsDoNotSilentlyOverrideAScenario) {
  const ScenarioWorkload scenario =
      read_scenario_workload(TomlDocument::parse(kCrowd, "crowd.toml"), {});
  std::vector<std::string> mistakes;
  read({{"--rate", {"5"}}, {"--message-rate", {"5"}}}, &mistakes, &scenario);
  EXPECT_THAT(mistakes, ElementsAre("--rate is the scenario's: override it with --set",
                                    "--message-rate is the scenario's: override it with --set"));
}

TEST(ReadOptions, AFleetInAFile) {
  const LoadOptions options = read({{"--targets-file", {"fleet.json"}},
                                    {"--balancer", {"client_ip"}},
                                    {"--affinity-timeout", {"10m"}},
                                    {"--connections", {"1"}},
                                    {"--seed", {"9"}},
                                    {"--late-connect", {"2s"}},
                                    {"--late-message", {"300ms"}}});
  EXPECT_EQ(options.targets_file, "fleet.json");
  EXPECT_EQ(options.choice.balancer, "client_ip");
  EXPECT_EQ(options.choice.affinity_timeout, 10 * kMinute);
  EXPECT_EQ(options.choice.seed, 9U);
  EXPECT_EQ(options.late_connect, 2 * kSecond);
  EXPECT_EQ(options.late_message, 300 * kMillisecond);
  EXPECT_THAT(mistakes_of({{"--connections", {"1"}}, {"--balancer", {"ewma"}}}),
              ElementsAre(HasSubstr("--balancer goes with --targets-file")));
  EXPECT_THAT(
      mistakes_of(
          {{"--connections", {"1"}}, {"--targets-file", {"f"}}, {"--affinity-timeout", {"1m"}}}),
      ElementsAre(HasSubstr("goes with --balancer client_ip")));
  EXPECT_THAT(mistakes_of({{"--connections", {"1"}}, {"--session-log", {"-"}}, {"--json", {"-"}}}),
              ElementsAre(HasSubstr("only one can go to stdout")));
}

TEST(ReadOptions, AWarmupThatLeavesNothingIsTold) {
  const ScenarioWorkload scenario =
      read_scenario_workload(TomlDocument::parse(kCrowd, "crowd.toml"), {});
  std::vector<std::string> mistakes;
  read({{"--duration", {"1m"}}}, &mistakes, &scenario);
  EXPECT_THAT(mistakes, ElementsAre(HasSubstr("the warmup (5m) must be shorter")));
}

TEST(ScenarioWorkload, MistakesOfItsOwnPartAreLocated) {
  const ScenarioWorkload scenario = read_scenario_workload(
      TomlDocument::parse("format = 1\nduration = 5\nsed = 2\n[workload]\nsource_address = 1\n",
                          "bad.toml"),
      {});
  const std::string text = render(scenario.diagnostics);
  EXPECT_THAT(text, HasSubstr("bad.toml:2:"));
  EXPECT_THAT(text, HasSubstr("did you mean 'seed'?"));
  EXPECT_THAT(text, HasSubstr("did you mean 'source_addresses'?"));
}

TEST(SourceAddresses, ListsAndRanges) {
  EXPECT_THAT(*parse_source_addresses("127.0.0.9"), ElementsAre("127.0.0.9"));
  EXPECT_THAT(*parse_source_addresses("::1,127.0.0.9-127.0.0.9"), ElementsAre("::1", "127.0.0.9"));
  for (const char* text : {"", "127.0.0", "localhost", "127.0.0.9-127.0.0.1", "127.0.0.1,",
                           "0.0.0.0-255.255.255.255", "::1-::5"}) {
    EXPECT_FALSE(parse_source_addresses(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace wsfleet
