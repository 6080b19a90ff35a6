// SPDX-License-Identifier: Apache-2.0
#include "scaler/live/config/scaler_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "build_paths/source_dir.h"
#include "core/seam/observation.h"
#include "core/toml/scenario_format.h"
#include "results/objective/objective_section.h"
#include "server/server_section.h"

namespace wsfleet {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

ForeignSections foreign() {
  return {[](TomlTable server) { return read_server(std::move(server)).max_connections; },
          [](TomlTable objective, std::int64_t max_connections, int min_replicas) {
            return read_objective(std::move(objective), {.max_connections = max_connections,
                                                         .min_replicas = min_replicas})
                .connections_per_pod;
          }};
}

const char* no_variables(const std::string&) { return nullptr; }

ScalerConfigLoad read_config(const std::string& text) {
  return read_scaler_config(TomlDocument::parse(text, "scaler.toml"), foreign(), no_variables);
}

std::string hash(const std::string& text) {
  const ScalerConfigLoad load = read_config("format = 1\n" + text);
  EXPECT_THAT(render(load.diagnostics), IsEmpty());
  return load.config.settings_hash;
}

TEST(ScalerConfig, ReadsWhatAPolicyIsMadeFrom) {
  const ScalerConfigLoad load = read_config(R"(format = 1
name = "websocket"
duration = "1h"
[server]
max_connections = 500
[objective]
connections_per_pod = 100
[scaler]
min_replicas = 2
max_replicas = 7
policy = "original"
[policy.original]
max_connections = 50
[kubernetes]
namespace = "chat"
)");
  ASSERT_THAT(render(load.diagnostics), IsEmpty());
  const ScalerConfig& config = load.config;
  EXPECT_EQ(config.policy->name, "original");
  EXPECT_EQ(config.interval, 5 * kSecond);
  EXPECT_EQ(config.context.min_replicas, 2);
  EXPECT_EQ(config.context.max_replicas, 7);
  EXPECT_EQ(config.context.initial_replicas, 2);
  EXPECT_EQ(config.context.server_max_connections, 500);
  EXPECT_EQ(config.context.connections_per_pod, 100);
  EXPECT_EQ(config.kubernetes.name_space, "chat");
  Observation observation;
  observation.replicas = 2;
  EXPECT_THAT(config.make_policy()->decide(observation).reason, HasSubstr("of 50"));
}

TEST(ScalerConfig, TheObjectiveFollowsTheServersLimitAsInAScenario) {
  EXPECT_EQ(read_config("format = 1\n[server]\nmax_connections = 10\n")
                .config.context.connections_per_pod,
            8);
}

TEST(ScalerConfig, TellsAllMistakesAtOnce) {
  const std::string told = render(read_config(R"(format = 1
[server]
max_conections = 5
[scaler]
policy = "hpq"
[policy.hpa]
tolerance = 7.0
[kubernets]
[kubernetes]
prot = 1
)")
                                      .diagnostics);
  EXPECT_THAT(told, HasSubstr("scaler.toml:3:1: error: unknown key 'max_conections' in [server]"));
  EXPECT_THAT(told, HasSubstr("did you mean 'hpa'?"));
  EXPECT_THAT(told, HasSubstr("'policy.hpa.tolerance' must be at most 1"));
  EXPECT_THAT(told, HasSubstr("unknown key 'kubernets' in the top level"));
  EXPECT_THAT(told, HasSubstr("unknown key 'prot' in [kubernetes]"));
}

TEST(ScalerConfig, TheFormatIsAskedFor) {
  EXPECT_THAT(render(read_config("[scaler]\n").diagnostics), HasSubstr("write format = 1"));
  EXPECT_THAT(render(read_config("format = 2\n").diagnostics),
              HasSubstr("this version reads format 1"));
  EXPECT_THAT(render(read_config("format = \n").diagnostics), HasSubstr("scaler.toml:1"));
}

TEST(ScalerConfig, APolicyThatKnowsTheFutureDoesNotRunLive) {
  EXPECT_THAT(render(read_config("format = 1\n[scaler]\npolicy = \"oracle\"\n").diagnostics),
              HasSubstr("scaler.toml:3:10: error: the policy 'oracle' knows the future"));
}

TEST(ScalerConfig, EveryBundledScenarioIsAFileOfTheScaler) {
  int scenarios = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(WSFLEET_SOURCE_DIR "/scenarios")) {
    if (entry.path().extension() != ".toml") continue;
    ++scenarios;
    TomlDocument document = TomlDocument::load(entry.path().string());
    document.set("kubernetes.namespace=\"chat\"");
    document.set("scaler.policy=\"hpa\"");
    const ScalerConfigLoad load = read_scaler_config(document, foreign(), no_variables);
    EXPECT_THAT(render(load.diagnostics), IsEmpty()) << entry.path();
  }
  EXPECT_GT(scenarios, 5);
}

TEST(ScalerConfig, EveryKeyOfAScenariosTopLevelMayBeThere) {
  for (const std::string_view key : kScenarioKeys) {
    if (key == "format") continue;
    const auto load = read_config("format = 1\n" + std::string(key) + " = 1\n");
    EXPECT_THAT(render(load.diagnostics), testing::Not(HasSubstr("unknown key"))) << key;
  }
}

TEST(ScalerConfig, TheHashFollowsWhatThePolicyIsMadeFrom) {
  const std::string plain = hash("[scaler]\npolicy = \"hpa\"\n");
  EXPECT_EQ(hash("# words\n[kubernetes]\nport = 1\n[scaler]\npolicy = \"hpa\"\n"), plain);
  EXPECT_EQ(hash("[scaler]\npolicy = \"hpa\"\ninterval = \"15s\"\n"), plain);
  EXPECT_EQ(hash("[scaler]\npolicy = \"hpa\"\n[policy.original]\nmax_connections = 5\n"), plain);
  std::set<std::string> different{plain};
  for (const char* text : {
           "[scaler]\npolicy = \"fixed\"\n",
           "[scaler]\nmax_replicas = 11\n",
           "[scaler]\nmin_replicas = 2\n",
           "[scaler]\ninterval = \"14s\"\n",
           "[server]\nmax_connections = 77\n",
           "[objective]\nconnections_per_pod = 3\n",
           "[policy.hpa]\ntolerance = 0.2\n",
           "[policy.hpa]\ntarget_connections = 3\n",
           "[policy.hpa.scale_down]\nselect_policy = \"disabled\"\n",
           "[policy.hpa.scale_down]\nselect_policy = \"min\"\n",
           "[policy.hpa.scale_down]\nstabilization_window = \"10s\"\n",
           "[[policy.hpa.scale_up.policies]]\ntype = \"pods\"\nvalue = 1\nperiod = \"10s\"\n",
           "[[policy.hpa.scale_up.policies]]\ntype = \"pods\"\nvalue = 2\nperiod = \"10s\"\n",
       }) {
    EXPECT_TRUE(different.insert(hash(text)).second) << text;
  }
}

TEST(ScalerConfig, AFileThatIsNotThereIsADiagnostic) {
  const auto load =
      load_scaler_config(testing::TempDir() + "no_such.toml", foreign(), no_variables);
  EXPECT_THAT(render(load.diagnostics), HasSubstr("no_such.toml"));
}

}  // namespace
}  // namespace wsfleet
