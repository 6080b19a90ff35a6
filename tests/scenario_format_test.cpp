// SPDX-License-Identifier: Apache-2.0
// The scenario format across its folders: the example in the documentation is a valid scenario, and
// every key that any folder asks for has its place in the documentation.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "build_paths/source_dir.h"
#include "engine/scenario/scenario.h"
#include "tests/source_tree.h"

namespace wsfleet {
namespace {

/// The last ```toml block of a page.
std::string last_example(const std::string& page) {
  const std::string fence = "```toml\n";
  const std::size_t start = page.rfind(fence);
  if (start == std::string::npos) return "";
  const std::size_t text = start + fence.size();
  return page.substr(text, page.find("```", text) - text);
}

/// "pod.cpu_limit" of "cluster.pod.cpu_limit" is written as one word or as its last part.
bool is_described(const std::string& key, const std::string& pages) {
  const std::string last = key.substr(key.rfind('.') + 1);
  return pages.find("`" + last + "`") != std::string::npos ||
         pages.find("." + last + "`") != std::string::npos ||
         pages.find("[" + key + "]") != std::string::npos ||
         pages.find("`" + last + " ") != std::string::npos;
}

class ScenarioFormat : public testing::Test {
 protected:
  void SetUp() override {
    for (const SourceFile& file : read_source_tree(WSFLEET_SOURCE_DIR)) {
      const bool about_scenarios = file.path.rfind("docs/formats/scenario", 0) == 0 ||
                                   file.path.rfind("docs/policies/", 0) == 0 ||
                                   file.path == "docs/scores.md";  // the keys of [expect]
      if (about_scenarios) pages_ += file.text;
      if (file.path == "docs/formats/scenario.md") front_page_ = file.text;
      if (file.folder() == "scenarios" && file.extension() == ".toml") bundled_.push_back(file);
    }
  }

  std::string pages_;
  std::string front_page_;
  std::vector<SourceFile> bundled_;
};

TEST_F(ScenarioFormat, TheExampleInTheDocumentationIsValid) {
  const std::string example = last_example(front_page_);
  ASSERT_FALSE(example.empty());
  const ScenarioLoad load = load_scenario(TomlDocument::parse(example, "scenario.md"), {});
  EXPECT_TRUE(load.ok()) << render(load.diagnostics);
}

TEST_F(ScenarioFormat, EveryKeyIsDescribed) {
  ASSERT_GE(bundled_.size(), 8U);
  std::set<std::string> keys;
  for (const SourceFile& file : bundled_) {
    const std::string path = WSFLEET_SOURCE_DIR "/" + file.path;
    const ScenarioLoad load = load_scenario(path, {});
    const auto known = load.scenario.document.known_keys();
    keys.insert(known.begin(), known.end());
  }
  ASSERT_GT(keys.size(), 40U);
  for (const std::string& key : keys) {
    EXPECT_TRUE(is_described(key, pages_))
        << key << " is on no page of the scenario's documentation";
  }
}

TEST_F(ScenarioFormat, AKeyWithoutAPageIsCaught) {
  EXPECT_FALSE(is_described("server.no_such_key", pages_));
  EXPECT_TRUE(is_described("duration", pages_));
}

}  // namespace
}  // namespace wsfleet
