// SPDX-License-Identifier: Apache-2.0
#include "server/live/options/server_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "server/live/options/server_config.h"

namespace wsfleet {
namespace {

using ::testing::HasSubstr;

ServerCommand read(std::vector<const char*> words) {
  words.insert(words.begin(), "wsfleet-server");
  return read_server_command(static_cast<int>(words.size()), words.data());
}

std::string config_file(const std::string& text) {
  const std::string path = testing::TempDir() + "server_options_test.toml";
  std::ofstream(path) << text;
  return path;
}

void set_variable(const char* name, const char* value) { setenv(name, value, 1); }

class ServerOptionsFrom : public testing::Test {
 protected:
  void SetUp() override { clear(); }
  void TearDown() override { clear(); }

 private:
  static void clear() {
    for (const char* name : {"WSFLEET_MAX_CONNECTIONS", "WSFLEET_PING_INTERVAL", "WSFLEET_POD_NAME",
                             "WSFLEET_ADMIN_TOKEN", "MAX_CONNECTIONS", "POD_NAME"}) {
      unsetenv(name);
    }
  }
};

TEST_F(ServerOptionsFrom, DefaultsAreThoseOfTheScenarioFormat) {
  const ServerCommand command = read({});
  ASSERT_TRUE(command.serve);
  EXPECT_EQ(command.options.rules.max_connections, 1000);
  EXPECT_EQ(command.options.port, 3000);
  EXPECT_EQ(command.options.rules.ping_interval, 10 * kSecond);
  EXPECT_TRUE(command.options.rules.ready_when_full);
  EXPECT_TRUE(command.options.admin_token.empty());
  EXPECT_FALSE(command.options.pod_name.empty());
}

TEST_F(ServerOptionsFrom, CommandLineGoesOverEnvironmentOverFile) {
  const std::string path = config_file(
      "[server]\nmax_connections = 1\nmax_connection_rate = 1.0\nping_interval = \"1s\"\n"
      "[websocket]\nmode = \"broadcast\"\nmax_message_bytes = \"1KiB\"\n");
  set_variable("WSFLEET_MAX_CONNECTIONS", "2");
  set_variable("WSFLEET_PING_INTERVAL", "2s");
  const ServerCommand command =
      read({"--config", path.c_str(), "--max-connections", "3", "--no-ready-when-full"});
  ASSERT_TRUE(command.serve);
  EXPECT_EQ(command.options.rules.max_connections, 3);
  EXPECT_EQ(command.options.rules.ping_interval, 2 * kSecond);
  EXPECT_EQ(command.options.rules.max_connection_rate, 1.0);
  EXPECT_EQ(command.options.mode, MessageMode::broadcast);
  EXPECT_EQ(command.options.max_message_bytes, 1024);
  EXPECT_FALSE(command.options.rules.ready_when_full);
}

TEST_F(ServerOptionsFrom, AScenariosModeCountsUnlessTheFileOrTheCommandLineSayAnother) {
  const std::string path = config_file("[server]\nmode = \"broadcast\"\n");
  EXPECT_EQ(read({"--config", path.c_str()}).options.mode, MessageMode::broadcast);
  EXPECT_EQ(read({"--config", path.c_str(), "--mode", "echo"}).options.mode, MessageMode::echo);
  const std::string other =
      config_file("[server]\nmode = \"broadcast\"\n[websocket]\nmode = \"echo\"\n");
  EXPECT_EQ(read({"--config", other.c_str()}).options.mode, MessageMode::echo);
}

TEST_F(ServerOptionsFrom, AScenarioWithRedisNeedsItsAddress) {
  const std::string path = config_file("[server]\nredis = true\n");
  EXPECT_EQ(read({"--config", path.c_str()}).exit_status, 104);
  EXPECT_TRUE(read({"--config", path.c_str(), "--redis", "redis://127.0.0.1"}).serve);
}

TEST_F(ServerOptionsFrom, TheOriginalsVariablesCountUnlessTheProjectsOwnAreSet) {
  set_variable("MAX_CONNECTIONS", "10");
  set_variable("POD_NAME", "websocket-0");
  set_variable("WSFLEET_POD_NAME", "mine");
  const ServerCommand command = read({});
  EXPECT_EQ(command.options.rules.max_connections, 10);
  EXPECT_EQ(command.options.pod_name, "mine");
}

TEST_F(ServerOptionsFrom, EveryMistakeInTheFileIsToldWithItsPlace) {
  const std::string path = config_file(
      "[server]\nmax_conections = 1\n[listen]\nport = 70000\n[log]\nlevel = \"loud\"\n");
  testing::internal::CaptureStderr();
  const ServerCommand command = read({"--config", path.c_str()});
  const std::string told = testing::internal::GetCapturedStderr();
  EXPECT_FALSE(command.serve);
  EXPECT_EQ(command.exit_status, 104);
  EXPECT_THAT(told, HasSubstr(path + ":2:1: error: unknown key 'max_conections'"));
  EXPECT_THAT(told, HasSubstr(path + ":4:"));
  EXPECT_THAT(told, HasSubstr(path + ":6:"));
}

TEST_F(ServerOptionsFrom, AWrongOptionIsAUsageError) {
  for (const std::vector<const char*>& words : {std::vector<const char*>{"--max-conections", "1"},
                                                {"--port", "-1"},
                                                {"--port", "x"},
                                                {"--ping-interval", "5 parsecs"},
                                                {"--mode", "shout"},
                                                {"--max-connections", "0"},
                                                {"--send-queue-bytes", "big"}}) {
    testing::internal::CaptureStderr();
    const ServerCommand command = read(words);
    const std::string told = testing::internal::GetCapturedStderr();
    EXPECT_FALSE(command.serve) << words[0];
    EXPECT_EQ(command.exit_status, 2) << words[0];
    EXPECT_THAT(told, HasSubstr(words[0] + 2));
  }
}

TEST_F(ServerOptionsFrom, TheTokenComesFromAFileOrTheEnvironment) {
  set_variable("WSFLEET_ADMIN_TOKEN", "from the environment");
  EXPECT_EQ(read({}).options.admin_token, "from the environment");
  const std::string path = config_file("from-the-file \n");
  EXPECT_EQ(read({"--admin-token-file", path.c_str()}).options.admin_token, "from-the-file");
  testing::internal::CaptureStderr();
  EXPECT_EQ(read({"--admin-token-file", "not/there"}).exit_status, 1);
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("'not/there'"));
}

TEST_F(ServerOptionsFrom, WhatDoesNotFitTogetherIsRefused) {
  const auto wrong = [](auto change) {
    ServerOptions options;
    change(options);
    const auto checked = check_server_options(options);
    return checked ? std::string("nothing is wrong") : checked.error().message;
  };
  EXPECT_THAT(wrong([](ServerOptions& o) { o.rules.drain.close_code = 1005; }), HasSubstr("1005"));
  EXPECT_THAT(wrong([](ServerOptions& o) { o.tls_key = "key.pem"; }), HasSubstr("--tls-key"));
  EXPECT_THAT(wrong([](ServerOptions& o) { o.rules.tls = true; }), HasSubstr("--tls-certificate"));
  EXPECT_THAT(wrong([](ServerOptions& o) { o.send_queue_bytes = 100; }), HasSubstr("room for one"));
  EXPECT_THAT(wrong([](ServerOptions& o) { o.rules.termination_grace = kSecond; }),
              HasSubstr("grace of 1s"));
  EXPECT_EQ(wrong([](ServerOptions&) {}), "nothing is wrong");
}

}  // namespace
}  // namespace wsfleet
