// SPDX-License-Identifier: Apache-2.0
// docs/formats/server.md describes every option and every metric that there is.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

#include "build_paths/source_dir.h"
#include "server/live/admin/server_metrics.h"
#include "server/live/options/server_options.h"

namespace wsfleet {
namespace {

std::string page() {
  std::ifstream file(WSFLEET_SOURCE_DIR "/docs/formats/server.md");
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

TEST(ServerDocs, EveryOptionIsDescribed) {
  testing::internal::CaptureStdout();
  const char* words[] = {"wsfleet-server", "--help"};
  EXPECT_EQ(read_server_command(2, words).exit_status, 0);
  const std::string help = testing::internal::GetCapturedStdout();
  const std::string text = page();
  const auto options = matches(help, "\n  (?:-h,)?(--[a-z-]+)");
  ASSERT_GT(options.size(), 25U);
  for (const std::string& option : options) {
    EXPECT_NE(text.find("`" + option + "`"), std::string::npos) << option;
  }
}

TEST(ServerDocs, EveryMetricIsDescribed) {
  ServerMetrics metrics;
  metrics.closed("client", 1000);
  metrics.accept_error("other");
  const std::string text = page();
  const auto names = matches(metrics.text({}, {.configured = true}), "# TYPE ([a-z_]+) ");
  ASSERT_GT(names.size(), 20U);
  for (const std::string& name : names) {
    EXPECT_NE(text.find("`" + name), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace wsfleet
