// SPDX-License-Identifier: Apache-2.0
// However an experiment ends before its t = 0, the cluster is as it was. What comes after is in the
// end-to-end tests.
#include "cluster/kubernetes/experiment/experiment.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "cluster/kubernetes/experiment/testing/deployed_fleet.h"

namespace wsfleet {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class NoRecorder : public Recorder {
 public:
  void second(const SecondRow&) override {}
  void event(const FleetEvent&) override {}
  void decision(const Observation&, const Decision&) override {}
  void clients(const ClientHistograms&) override {}
  void figures(const RunFigures&) override {}
};

class TheExperiment : public testing::Test {
 protected:
  TheExperiment() {
    std::filesystem::create_directories(directory);
    const ClusterAccess access = fleet.server.access();
    std::ofstream(directory / "ca.pem") << access.ca_pem;
    std::ofstream(directory / "config") << fmt::format(
        "apiVersion: v1\nkind: Config\n"
        "contexts: [{{name: c, context: {{cluster: k, user: u}}}}]\n"
        "clusters: [{{name: k, cluster: {{server: '{}', certificate-authority: ca.pem}}}}]\n"
        "users: [{{name: u, user: {{token: t}}}}]\n",
        access.server);
  }
  ~TheExperiment() override { std::filesystem::remove_all(directory); }

  Result<void> run() {
    NoRecorder recorder;
    ExperimentTarget target;
    target.kubeconfig = (directory / "config").string();
    target.context = "c";
    target.name_space = "chat";
    return run_on_kubernetes(other_settings(), target, recorder, {}, {});
  }

  DeployedFleet fleet;
  std::filesystem::path directory =
      testing::TempDir() + fmt::format("experiment_test_{}", getpid());
};

TEST_F(TheExperiment, AnErrorOnTheWayLeavesTheClusterAsItWas) {
  const auto before = fleet.of_users();
  const auto done = run();
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("the Ingress websocket has no address yet"));
  EXPECT_EQ(fleet.of_users(), before);
  EXPECT_GT(fleet.objects.at(kServersPath)["metadata"]["generation"], 1);  // it had been adapted
}

TEST_F(TheExperiment, WhatIsThrownOnTheWayLeavesTheClusterAsItWas) {
  fleet.objects.change(kServersPath, [](json& object) {
    object["spec"]["template"]["spec"]["containers"][0]["args"] = json::array({7});
  });
  const auto before = fleet.of_users();
  const auto done = run();
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("the experiment broke off: "));
  EXPECT_EQ(fleet.of_users(), before);
  EXPECT_GT(fleet.objects.at(kScalerPath)["metadata"]["generation"], 1);
}

TEST_F(TheExperiment, WhereAnotherOneIsNothingIsTouched) {
  ClusterChanges other(fleet.client, "chat", quiet_lock("other"));
  ASSERT_TRUE(other.claim(false));
  const auto before = fleet.of_users();
  const auto done = run();
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("by other"));
  EXPECT_EQ(fleet.of_users(), before);
  EXPECT_TRUE(other.held());
}

}  // namespace
}  // namespace wsfleet
