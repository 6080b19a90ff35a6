// SPDX-License-Identifier: Apache-2.0
#include "cluster/live/server_options.h"

#include <gtest/gtest.h>

#include <map>

namespace wsfleet {
namespace {

TEST(ServerOptions, SayWhatTheScenarioSays) {
  ServerSettings server;
  server.max_connections = 10;
  server.ready_when_full = false;
  server.mode = MessageMode::broadcast;
  server.drain = {.mode = DrainMode::immediate, .over = 5 * kSecond, .close_code = 1001};
  server.termination_grace = 90 * kSecond;
  std::map<std::string, std::string> variables;
  for (const auto& [option, value] : server_options(server)) {
    variables[server_variable(option)] = value;
  }
  EXPECT_EQ(variables.at("WSFLEET_MAX_CONNECTIONS"), "10");
  EXPECT_EQ(variables.at("WSFLEET_READY_WHEN_FULL"), "false");
  EXPECT_EQ(variables.at("WSFLEET_MODE"), "broadcast");
  EXPECT_EQ(variables.at("WSFLEET_DRAIN_MODE"), "immediate");
  EXPECT_EQ(variables.at("WSFLEET_DRAIN_OVER"), "5s");
  EXPECT_EQ(variables.at("WSFLEET_DRAIN_CLOSE_CODE"), "1001");
  EXPECT_EQ(variables.at("WSFLEET_TERMINATION_GRACE"), "1m30s");
}

}  // namespace
}  // namespace wsfleet
