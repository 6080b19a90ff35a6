// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/endpoints/endpoints_options.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <vector>

#include "build_paths/source_dir.h"

namespace wsfleet {
namespace {

EndpointsCommand read(std::vector<const char*> words) {
  words.insert(words.begin(), "wsfleet-endpoints");
  return read_endpoints_command(static_cast<int>(words.size()), words.data());
}

TEST(EndpointsOptions, DefaultsAreTheManifests) {
  const EndpointsCommand command = read({"--directory", "run"});
  ASSERT_TRUE(command.go_on);
  EXPECT_EQ(command.options.selector, "app.kubernetes.io/name=websocket");
  EXPECT_EQ(command.options.pod_port, 3000);
  EXPECT_EQ(command.options.ingress, IngressKind::nginx);
  EXPECT_EQ(command.options.balancer, BalancerKind::ewma);
  EXPECT_EQ(command.options.port, 8000);
  EXPECT_EQ(command.options.targets_port, 8081);
}

TEST(EndpointsOptions, OptionsGoBeforeTheEnvironment) {
  setenv("WSFLEET_BALANCER", "round_robin", 1);
  EXPECT_EQ(read({"--directory", "run"}).options.balancer, BalancerKind::round_robin);
  EXPECT_EQ(read({"--directory", "run", "--balancer", "client_ip"}).options.balancer,
            BalancerKind::client_ip);
  unsetenv("WSFLEET_BALANCER");
}

TEST(EndpointsOptions, MistakesAreUsageErrors) {
  EXPECT_EQ(read({"--directory", "run", "--balancer", "best"}).exit_status, 2);
  EXPECT_EQ(read({"--directory", "run", "--port", "70000"}).exit_status, 2);
  EXPECT_EQ(read({"--ingress", "nginx"}).exit_status, 2);
  EXPECT_EQ(read({"--no-such-option"}).exit_status, 2);
  EXPECT_TRUE(read({"--ingress", "none"}).go_on);
  const EndpointsCommand help = read({"--help"});
  EXPECT_FALSE(help.go_on);
  EXPECT_EQ(help.exit_status, 0);
}

TEST(EndpointsOptions, EveryOptionIsDocumented) {
  testing::internal::CaptureStdout();
  read({"--help"});
  const std::string help = testing::internal::GetCapturedStdout();
  std::ostringstream page;
  page << std::ifstream(WSFLEET_SOURCE_DIR "/docs/formats/kubernetes.md").rdbuf();
  const std::regex option("--[a-z][a-z-]+");
  std::set<std::string> options;
  for (auto at = std::sregex_iterator(help.begin(), help.end(), option);
       at != std::sregex_iterator(); ++at) {
    options.insert(at->str());
  }
  EXPECT_GT(options.size(), 12U);
  for (const std::string& name : options) {
    EXPECT_NE(page.str().find("`" + name + "`"), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace wsfleet
