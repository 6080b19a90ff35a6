// SPDX-License-Identifier: Apache-2.0
// docs/formats/scaler.md describes every option, every key of [kubernetes], every metric.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

#include "build_paths/source_dir.h"
#include "scaler/live/config/kubernetes_section.h"
#include "scaler/live/config/scaler_options.h"
#include "scaler/live/scaler_status.h"

namespace wsfleet {
namespace {

std::string page() {
  std::ifstream file(WSFLEET_SOURCE_DIR "/docs/formats/scaler.md");
  return {std::istreambuf_iterator<char>(file), {}};
}

std::set<std::string> matches(const std::string& text, const std::string& pattern) {
  const std::regex regex(pattern);
  std::set<std::string> found;
  for (auto it = std::sregex_iterator(text.begin(), text.end(), regex);
       it != std::sregex_iterator(); ++it) {
    found.insert((*it)[1]);
  }
  return found;
}

TEST(ScalerDocs, EveryOptionIsDescribed) {
  testing::internal::CaptureStdout();
  const char* words[] = {"wsfleet-scaler", "--help"};
  EXPECT_EQ(read_scaler_command(2, words).exit_status, 0);
  const std::string help = testing::internal::GetCapturedStdout();
  const std::string text = page();
  const auto options = matches(help, "\n  (?:-h,)?(--[a-z-]+)");
  ASSERT_GT(options.size(), 10U);
  for (const std::string& option : options) {
    EXPECT_NE(text.find("`" + option + "`"), std::string::npos) << option;
  }
}

TEST(ScalerDocs, EveryKeyIsDescribed) {
  TomlDocument document = TomlDocument::parse("[kubernetes]\n", "scaler.toml");
  read_kubernetes(document.root().table("kubernetes"),
                  [](const std::string&) { return static_cast<const char*>(nullptr); });
  const std::string text = page();
  const auto keys = document.known_keys();
  ASSERT_GT(keys.size(), 18U);
  for (const std::string& key : keys) {
    if (key == "kubernetes") continue;
    const std::string name = key.substr(key.find('.') + 1);
    EXPECT_NE(text.find("| `" + name + "` |"), std::string::npos) << key;
  }
}

TEST(ScalerDocs, EveryMetricIsDescribed) {
  const ScalerStatus status;
  const std::string text = page();
  const auto names = matches(status.text({}), "# TYPE ([a-z_]+) ");
  ASSERT_GT(names.size(), 12U);
  for (const std::string& name : names) {
    EXPECT_NE(text.find("`" + name), std::string::npos) << name;
  }
}

TEST(ScalerDocs, EveryReasonAndSourceIsDescribed) {
  const ScalerStatus status;
  const std::string text = page();
  for (const std::string& word : matches(status.text({}), "(?:reason|source)=\"([a-z_]+)\"")) {
    EXPECT_NE(text.find("`" + word + "`"), std::string::npos) << word;
  }
}

}  // namespace
}  // namespace wsfleet
