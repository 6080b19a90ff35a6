// SPDX-License-Identifier: Apache-2.0
// docs/formats/loadgen-agent.md against what the program says of itself.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

#include "build_paths/source_dir.h"
#include "loadgen/agent/agent_options.h"

namespace wsfleet {
namespace {

std::string page() {
  std::ifstream file(WSFLEET_SOURCE_DIR "/docs/formats/loadgen-agent.md");
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(AgentDocs, EveryOptionIsDescribed) {
  testing::internal::CaptureStdout();
  const char* words[] = {"wsfleet-loadgen-agent", "--help"};
  EXPECT_EQ(read_agent_command(2, words).exit_status, 0);
  const std::string help = testing::internal::GetCapturedStdout();
  const std::string text = page();
  const std::regex pattern("\n  (?:-h,)?(--[a-z-]+)");
  std::set<std::string> options;
  for (auto it = std::sregex_iterator(help.begin(), help.end(), pattern);
       it != std::sregex_iterator(); ++it) {
    options.insert((*it)[1]);
  }
  ASSERT_GE(options.size(), 7U);
  for (const std::string& option : options) {
    EXPECT_NE(text.find("`" + option), std::string::npos) << option;
  }
}

TEST(AgentDocs, EveryVerbAndEveryKeyOfTheStatusIsDescribed) {
  const std::string text = page();
  const AgentAnswer unknown =
      LoadAgent({.program = "", .token = "t"}, 0)
          .answer({.method = "GET", .target = "/", .token = "t", .body = ""}, 0);
  EXPECT_EQ(unknown.status, 404);
  const std::regex path("/[a-z]+");
  int verbs = 0;
  for (auto it = std::sregex_iterator(unknown.body.begin(), unknown.body.end(), path);
       it != std::sregex_iterator(); ++it) {
    EXPECT_NE(text.find(it->str() + "`"), std::string::npos) << it->str();
    ++verbs;
  }
  EXPECT_EQ(verbs, 7);
  const AgentAnswer status =
      LoadAgent({.program = "", .token = "t"}, 0)
          .answer({.method = "GET", .target = "/status", .token = "t", .body = ""}, 0);
  const std::regex key("\"([a-z_]+)\":");
  int keys = 0;
  for (auto it = std::sregex_iterator(status.body.begin(), status.body.end(), key);
       it != std::sregex_iterator(); ++it) {
    EXPECT_NE(text.find("`" + (*it)[1].str() + "`"), std::string::npos) << (*it)[1];
    ++keys;
  }
  EXPECT_EQ(keys, 5);
}

}  // namespace
}  // namespace wsfleet
