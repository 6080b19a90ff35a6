// SPDX-License-Identifier: Apache-2.0
// Every bundled scenario is a test: valid, without warnings, and what it says of itself holds.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "build_paths/source_dir.h"
#include "engine/scenario/scenario.h"
#include "engine/testing/command.h"

namespace wsfleet {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> bundled_files() {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(WSFLEET_SOURCE_DIR "/scenarios")) {
    if (entry.path().extension() == ".toml") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string test_name(const testing::TestParamInfo<std::string>& info) {
  std::string name = fs::path(info.param).stem().string();
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

class Scenarios : public testing::TestWithParam<std::string> {};

TEST_P(Scenarios, IsValidSaysWhatItShowsAndIsNamedAsItsFile) {
  const ScenarioLoad loaded = load_scenario(GetParam(), {});
  ASSERT_TRUE(loaded.ok()) << render(loaded.diagnostics);
  EXPECT_TRUE(loaded.warnings.empty()) << loaded.warnings.front();
  EXPECT_EQ(loaded.scenario.name, fs::path(GetParam()).stem().string());
  EXPECT_GT(loaded.scenario.description.size(), 40U);
  EXPECT_FALSE(loaded.scenario.expectations.empty());
}

TEST_P(Scenarios, RunsAndMeetsItsExpectations) {
  const ScratchDirectory here;
  const CommandResult result = wsfleet(here, {"run", GetParam(), "--json", "-o", "results"});
  EXPECT_EQ(result.status, 0) << result.out << result.err;
  EXPECT_EQ(result.err, "");
  const auto run = nlohmann::json::parse(result.out);
  EXPECT_TRUE(run["notices"].empty()) << run["notices"];
}

/// The live ones that are short; `./dev e2e-local` runs those of them that disturb one thing.
std::vector<std::string> end_to_end_files() {
  std::vector<std::string> files;
  for (const std::string& file : bundled_files()) {
    const std::string name = fs::path(file).stem().string();
    if (name.starts_with("live-") && name != "live-many-sockets") files.push_back(file);
  }
  return files;
}

class EndToEndScenarios : public testing::TestWithParam<std::string> {};

// An expectation that a fleet of one pod meets as well says nothing about scaling.
TEST_P(EndToEndScenarios, MissesEachExpectationWithOnePod) {
  const ScratchDirectory here;
  const CommandResult result =
      wsfleet(here, {"run", GetParam(), "--policy", "fixed:replicas=1", "--json", "-o", "results"});
  EXPECT_EQ(result.status, 99) << result.out << result.err;
  const auto run = nlohmann::json::parse(result.out);
  EXPECT_GE(run["expect"].size(), 3U);
  for (const auto& condition : run["expect"]) EXPECT_FALSE(condition["met"]) << condition;
}

INSTANTIATE_TEST_SUITE_P(Live, EndToEndScenarios, testing::ValuesIn(end_to_end_files()), test_name);

INSTANTIATE_TEST_SUITE_P(Bundled, Scenarios, testing::ValuesIn(bundled_files()), test_name);

TEST(BundledScenarios, ThereAreAtLeastNine) { EXPECT_GE(bundled_files().size(), 9U); }

}  // namespace
}  // namespace wsfleet
