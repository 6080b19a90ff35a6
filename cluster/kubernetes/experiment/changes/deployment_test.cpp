// SPDX-License-Identifier: Apache-2.0
// What is deployed is made ready for an experiment, and nothing else is touched.
#include "cluster/kubernetes/experiment/changes/deployment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "cluster/kubernetes/experiment/testing/deployed_fleet.h"

namespace wsfleet {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;

class TheDeployment : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(changes.claim(false)); }
  void TearDown() override {
    before.erase(kLockPath);
    const auto back = changes.put_all_back();
    EXPECT_TRUE(back) << back.error().message;
    EXPECT_EQ(fleet.of_users(), before);
  }
  std::string config() { return fleet.objects.at(kScalerConfigPath)["data"]["scaler.toml"]; }
  json ingress_arguments() {
    return fleet.spec_of(kIngressPath)["template"]["spec"]["containers"][0]["args"];
  }

  DeployedFleet fleet;
  std::map<std::string, json> before = fleet.of_users();
  ClusterChanges changes{fleet.client, "chat", quiet_lock("this")};
  Deployment deployment{fleet.client, changes, "chat"};
};

TEST_F(TheDeployment, StopsTheScalerAndForgetsItsMemory) {
  const auto stopped = deployment.stop_scaler();
  ASSERT_TRUE(stopped) << stopped.error().message;
  EXPECT_EQ(fleet.spec_of(kScalerPath)["replicas"], 0);
  EXPECT_EQ(fleet.objects.at(kScalerLeasePath), json());
}

TEST_F(TheDeployment, StartsAsManyScalersAsThereWereWithTheScenario) {
  ASSERT_TRUE(deployment.stop_scaler());
  const auto started = deployment.start_scaler("[scaler]\npolicy = \"hpa\"\n", 0);
  ASSERT_TRUE(started) << started.error().message;
  EXPECT_EQ(fleet.spec_of(kScalerPath)["replicas"], 2);
  EXPECT_THAT(config(), StartsWith("[scaler]\npolicy = \"hpa\"\n"));
  EXPECT_THAT(config(), HasSubstr("epoch = \"1970-01-01T00:00:00.000Z\"\nmetrics = \"pods\""));
}

TEST_F(TheDeployment, WithoutAScalerItSaysWhatToDo) {
  const json scaler = fleet.objects.at(kScalerPath);
  fleet.objects.remove(kScalerPath);
  const auto stopped = deployment.stop_scaler();
  ASSERT_FALSE(stopped);
  EXPECT_THAT(stopped.error().message, HasSubstr("apply the manifests first"));
  fleet.objects.put(kScalerPath, scaler);
}

TEST_F(TheDeployment, AdaptsTheServersAndNothingElseOfThem) {
  const auto adapted = deployment.adapt_servers(other_settings());
  ASSERT_TRUE(adapted) << adapted.error().message;
  const json spec = fleet.spec_of(kServersPath);
  const json& server = spec["template"]["spec"]["containers"][0];
  EXPECT_EQ(spec["replicas"], 5);
  EXPECT_TRUE(spec["template"]["metadata"]["annotations"].contains("wsfleet.io/experiment"));
  EXPECT_EQ(server["args"], json({"--admin-listen", "0.0.0.0"}));
  EXPECT_EQ(server["resources"]["limits"]["cpu"], "1");
  EXPECT_EQ(server["image"], "wsfleet-server:1");
  EXPECT_EQ(fleet.objects.at(kServersPath)["metadata"]["annotations"]["owner"], "the users");
}

TEST_F(TheDeployment, GivesTheTestIngressAnyBalancer) {
  const auto balances = deployment.adapt_ingress(BalancerKind::random);
  ASSERT_TRUE(balances) << balances.error().message;
  EXPECT_TRUE(*balances);
  EXPECT_EQ(ingress_arguments(), json::array({"--balancer=random"}));
}

TEST_F(TheDeployment, LeavesAnIngressThatBalancesSoAlready) {
  const json lock = fleet.objects.at(kLockPath);
  EXPECT_TRUE(deployment.adapt_ingress(BalancerKind::ewma).value());
  EXPECT_EQ(fleet.objects.at(kLockPath), lock);
}

class OnIngressNginx : public TheDeployment {
 protected:
  OnIngressNginx() {
    fleet.objects.remove(kIngressPath);
    fleet.objects.change(kRulesPath, [this](json& object) {
      object["metadata"]["annotations"][kKey] = "ewma";
      object["status"]["loadBalancer"]["ingress"] = {{{"ip", "192.0.2.7"}}};
    });
    before = fleet.of_users();
  }
  std::string balancer() {
    return fleet.objects.at(kRulesPath)["metadata"]["annotations"].value(kKey, "none");
  }

  static constexpr const char* kKey = "nginx.ingress.kubernetes.io/load-balance";
};

TEST_F(OnIngressNginx, GivesItTheTwoThatItKnows) {
  EXPECT_TRUE(deployment.adapt_ingress(BalancerKind::round_robin).value());
  EXPECT_EQ(balancer(), "round_robin");
  EXPECT_FALSE(deployment.adapt_ingress(BalancerKind::client_ip).value());
  EXPECT_EQ(balancer(), "round_robin");
}

TEST_F(OnIngressNginx, ClientsComeInByItsAddressAndName) {
  const auto entrance = deployment.entrance();
  ASSERT_TRUE(entrance) << entrance.error().message;
  EXPECT_EQ(entrance->url, "ws://192.0.2.7/ws/");
  EXPECT_EQ(entrance->host, "chat.example");
}

TEST_F(TheDeployment, WithoutAnAddressPeopleAreAskedForIt) {
  const auto entrance = deployment.entrance();
  ASSERT_FALSE(entrance);
  EXPECT_THAT(entrance.error().message, HasSubstr("--url"));
}

TEST_F(TheDeployment, KeepsTheLogsThatCanBeReadAndTellsOfTheOthers) {
  fleet.add_pod("websocket-0");
  fleet.add_pod("websocket-1");
  before = fleet.of_users();
  fleet.objects.first([](const ScriptedRequest& request) -> ScriptedAnswer {
    const std::string& target = request.target;
    if (target.ends_with("/websocket-0/log?container=server")) return {500, "no log, sorry"};
    if (target.ends_with("/websocket-1/log?container=server")) return {200, "a line\n"};
    return {.status = 0};
  });
  const std::filesystem::path directory = testing::TempDir() + "deployment_test_logs";
  std::filesystem::create_directories(directory);
  const auto kept = deployment.keep_logs(directory.string());
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().message, "no log, sorry");
  std::stringstream text;
  text << std::ifstream(directory / "websocket-1-uid-of-websocket-1.log").rdbuf();
  EXPECT_EQ(text.str(), "a line\n");
  EXPECT_FALSE(std::filesystem::exists(directory / "websocket-0-uid-of-websocket-0.log"));
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace wsfleet
