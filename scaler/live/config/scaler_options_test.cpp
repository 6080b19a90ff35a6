// SPDX-License-Identifier: Apache-2.0
#include "scaler/live/config/scaler_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <vector>

namespace wsfleet {
namespace {

ScalerCommand read_words(std::vector<const char*> words) {
  words.insert(words.begin(), "wsfleet-scaler");
  return read_scaler_command(static_cast<int>(words.size()), words.data());
}

class ScalerOptionsFrom : public testing::Test {
 protected:
  void SetUp() override { clear(); }
  void TearDown() override { clear(); }

 private:
  static void clear() {
    for (const char* name : {"WSFLEET_CONFIG", "WSFLEET_PORT", "WSFLEET_DRY_RUN",
                             "WSFLEET_IDENTITY", "WSFLEET_KUBECONFIG", "POD_NAME"}) {
      unsetenv(name);
    }
  }
};

TEST_F(ScalerOptionsFrom, DefaultsFitAPod) {
  setenv("POD_NAME", "websocket-scaler-x", 1);
  const ScalerCommand command = read_words({});
  ASSERT_TRUE(command.run);
  EXPECT_EQ(command.options.config, "/etc/wsfleet/scaler.toml");
  EXPECT_EQ(command.options.identity, "websocket-scaler-x");
  EXPECT_FALSE(command.options.use_kubeconfig);
  EXPECT_FALSE(command.options.dry_run);
  EXPECT_FALSE(command.options.port);
}

TEST_F(ScalerOptionsFrom, TheHostsNameIsAnIdentityToo) {
  EXPECT_FALSE(read_words({}).options.identity.empty());
  EXPECT_EQ(read_words({"--identity", "x"}).options.identity, "x");
}

TEST_F(ScalerOptionsFrom, TheCommandLineGoesOverTheEnvironment) {
  setenv("WSFLEET_PORT", "9001", 1);
  setenv("WSFLEET_DRY_RUN", "true", 1);
  EXPECT_EQ(read_words({}).options.port, 9001);
  EXPECT_EQ(read_words({}).options.dry_run, true);
  EXPECT_EQ(read_words({"--port", "9002"}).options.port, 9002);
  EXPECT_EQ(read_words({"--no-dry-run"}).options.dry_run, false);
}

TEST_F(ScalerOptionsFrom, AKubeconfigOrAContextMeansOutsideOfTheCluster) {
  EXPECT_TRUE(read_words({"--kubeconfig", "k"}).options.use_kubeconfig);
  EXPECT_TRUE(read_words({"--context", "c"}).options.use_kubeconfig);
  EXPECT_EQ(read_words({"--context", "c"}).options.context, "c");
}

TEST_F(ScalerOptionsFrom, MistakesAreUsage) {
  EXPECT_EQ(read_words({"--nonsense"}).exit_status, 2);
  EXPECT_EQ(read_words({"--port", "x"}).exit_status, 2);
  EXPECT_EQ(read_words({"--log-level", "loud"}).exit_status, 2);
  EXPECT_FALSE(read_words({"--port", "70000"}).run);
}

TEST_F(ScalerOptionsFrom, WhatIsGivenGoesOverTheFile) {
  ScalerConfig config;
  config.kubernetes.name_space = "file";
  config.kubernetes.dry_run = true;
  apply_options({}, config);
  EXPECT_EQ(config.kubernetes.name_space, "file");
  EXPECT_TRUE(config.kubernetes.dry_run);
  EXPECT_EQ(config.kubernetes.port, 8080);
  ScalerOptions options;
  options.name_space = "chat";
  options.dry_run = false;
  options.listen = "127.0.0.1";
  options.port = 0;
  apply_options(options, config);
  EXPECT_EQ(config.kubernetes.name_space, "chat");
  EXPECT_FALSE(config.kubernetes.dry_run);
  EXPECT_EQ(config.kubernetes.listen, "127.0.0.1");
  EXPECT_EQ(config.kubernetes.port, 0);
}

}  // namespace
}  // namespace wsfleet
