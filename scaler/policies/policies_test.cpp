// SPDX-License-Identifier: Apache-2.0
#include "scaler/policies/policies.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "build_paths/source_dir.h"
#include "scaler/policies/testing/observation_builder.h"

namespace wsfleet {
namespace {

namespace fs = std::filesystem;

const fs::path kSource = WSFLEET_SOURCE_DIR;

std::string contents(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST(Policies, TableIsSortedAndHasEveryPage) {
  std::vector<std::string> pages;
  for (const auto& page : fs::directory_iterator(kSource / "docs/policies")) {
    pages.push_back(page.path().stem().string());
  }
  std::ranges::sort(pages);
  EXPECT_GE(pages.size(), 4U);
  EXPECT_EQ(policy_names(), pages);
}

TEST(Policies, EveryPolicyHasItsFiles) {
  for (const PolicyEntry& entry : policies()) {
    const std::string name(entry.name);
    for (const char* suffix : {".h", ".cpp", "_test.cpp"}) {
      const fs::path file = kSource / "scaler/policies" / (name + suffix);
      EXPECT_GT(contents(file).size(), 100u) << file;
    }
  }
}

TEST(Policies, EveryPolicyHasItsDocsPage) {
  for (const PolicyEntry& entry : policies()) {
    const std::string name(entry.name);
    const std::string page = contents(kSource / "docs/policies" / (name + ".md"));
    EXPECT_NE(page.find("`" + name + "`"), std::string::npos) << name;
  }
}

// What a policy reads must stand in backticks in its page.
TEST(Policies, EveryKeyIsInThePolicysDocsPage) {
  TomlDocument document = TomlDocument::parse(
      "[policy.hpa.scale_up]\npolicies = [{ type = \"pods\", value = 1, period = \"1s\" }]\n",
      "test.toml");
  check_policy_tables(document, PolicyContext{});
  EXPECT_EQ(render(document.diagnostics()), "");
  int keys = 0;
  for (const std::string& known : document.known_keys()) {
    std::istringstream parts(known);
    std::string policy_word, name, part, key;
    std::getline(parts, policy_word, '.');
    if (!std::getline(parts, name, '.')) continue;
    while (std::getline(parts, part, '.')) key = part;
    if (key.empty()) continue;
    ++keys;
    const std::string page = contents(kSource / "docs/policies" / (name + ".md"));
    EXPECT_NE(page.find("`" + key + "`"), std::string::npos) << known;
  }
  EXPECT_GE(keys, 10);
}

TEST(Policies, EveryPolicyIsMadeDecidesAndRestores) {
  const std::vector<int> demand(100, 3);
  PolicyContext context;
  context.demand_per_second = &demand;
  TomlDocument document = TomlDocument::parse("format = 1", "test.toml");
  for (const PolicyEntry& entry : policies()) {
    const std::unique_ptr<Policy> policy = make_policy(entry, document, context);
    ASSERT_NE(policy, nullptr) << entry.name;
    EXPECT_FALSE(policy->decide(fleet(0, 2, 900)).reason.empty()) << entry.name;
    EXPECT_TRUE(policy->restore(policy->state())) << entry.name;
    EXPECT_FALSE(entry.summary.empty());
    EXPECT_GT(entry.default_interval, 0);
  }
  EXPECT_EQ(render(document.diagnostics()), "");
}

TEST(Policies, DefaultIntervalsAreThoseOfTheirSources) {
  EXPECT_EQ(find_policy("original")->default_interval, 5 * kSecond);
  EXPECT_EQ(find_policy("hpa")->default_interval, 15 * kSecond);
}

TEST(Policies, OnlyTheOracleNeedsASimulation) {
  for (const PolicyEntry& entry : policies()) {
    EXPECT_EQ(entry.simulation_only, entry.name == "oracle") << entry.name;
  }
}

TEST(Policies, UnknownNameGetsASuggestion) {
  EXPECT_EQ(find_policy("hpaa"), nullptr);
  const Result<const PolicyEntry*> near = policy_named("orginal");
  ASSERT_FALSE(near);
  EXPECT_EQ(near.error().kind, ErrorKind::configuration);
  EXPECT_EQ(near.error().message, "unknown policy 'orginal'; did you mean 'original'?");
  EXPECT_EQ(policy_named("xyzzy-nothing").error().message,
            "unknown policy 'xyzzy-nothing'; there are fixed, hpa, oracle, original");
  EXPECT_EQ((*policy_named("hpa"))->name, "hpa");
}

TEST(Policies, TableOfNoPolicyIsAMistake) {
  TomlDocument document = TomlDocument::parse("[policy.hppa]\ntolerance = 0.2\n", "test.toml");
  check_policy_tables(document, PolicyContext{});
  const std::string text = render(document.diagnostics());
  EXPECT_NE(text.find("unknown key 'hppa' in [policy]"), std::string::npos) << text;
  EXPECT_NE(text.find("did you mean 'hpa'?"), std::string::npos) << text;
}

TEST(Policies, MistakesInTablesOfOtherPoliciesAreFoundToo) {
  TomlDocument document = TomlDocument::parse(
      "[policy.fixed]\nreplicas = \"many\"\n[policy.oracle]\nlead = \"1m\"\n", "test.toml");
  check_policy_tables(document, PolicyContext{});
  EXPECT_EQ(document.diagnostics().size(), 2u);
}

}  // namespace
}  // namespace wsfleet
