// SPDX-License-Identifier: Apache-2.0
// What is changed on a cluster is put back, and what others have changed meanwhile stays.
#include "cluster/kubernetes/experiment/changes/cluster_changes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cluster/kubernetes/experiment/testing/deployed_fleet.h"

namespace wsfleet {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class TheClusterChanges : public testing::Test {
 protected:
  void claim() {
    const auto claimed = changes.claim(false);
    ASSERT_TRUE(claimed) << claimed.error().message;
  }
  void replace(const std::string& path, const std::string& pointer, const json& value) {
    const auto replaced = changes.replace("a part", path, pointer, value);
    ASSERT_TRUE(replaced) << replaced.error().message;
  }
  /// As people do it.
  void set(const std::string& path, const std::string& pointer, const json& value) {
    fleet.objects.change(path, [&](json& object) { object[json::json_pointer(pointer)] = value; });
  }
  json value(const std::string& path, const std::string& pointer) {
    return fleet.objects.at(path).value(json::json_pointer(pointer), json());
  }
  json template_with_cpu(const std::string& cpu) {
    json changed = fleet.spec_of(kServersPath)["template"];
    changed["spec"]["containers"][0]["resources"] = {{"limits", {{"cpu", cpu}}}};
    return changed;
  }

  DeployedFleet fleet;
  std::map<std::string, json> before = fleet.of_users();
  ClusterChanges changes{fleet.client, "chat", quiet_lock("first")};
};

TEST_F(TheClusterChanges, PutsBackWhatWasReplacedAddedAndEmptied) {
  claim();
  replace(kServersPath, "/spec/replicas", 7);
  replace(kServersPath, "/metadata/annotations/new", "x");
  replace(kPrometheusPath, "/spec/selector", {{"wsfleet.io/outage", "true"}});
  replace(kScalerConfigPath, "/data", {{"scaler.toml", "other"}});
  replace(kServersPath, "/spec/replicas", 9);
  EXPECT_EQ(value(kServersPath, "/spec/replicas"), 9);
  EXPECT_EQ(value(kPrometheusPath, "/spec/selector"), json({{"wsfleet.io/outage", "true"}}));
  EXPECT_TRUE(changes.put_all_back());
  EXPECT_EQ(fleet.of_users(), before);
  EXPECT_THAT(changes.left_alone(), IsEmpty());
  const int writes = fleet.objects.writes();
  EXPECT_TRUE(changes.put_all_back());
  EXPECT_EQ(fleet.objects.writes(), writes);
}

TEST_F(TheClusterChanges, PutsBackOneObjectAndKeepsTheRest) {
  claim();
  replace(kRedisPath, "/spec/replicas", 0);
  replace(kServersPath, "/spec/replicas", 7);
  EXPECT_TRUE(changes.put_back(kRedisPath));
  EXPECT_EQ(value(kRedisPath, "/spec/replicas"), 1);
  EXPECT_EQ(value(kServersPath, "/spec/replicas"), 7);
  EXPECT_TRUE(changes.put_all_back());
  EXPECT_EQ(fleet.of_users(), before);
}

// The server writes "1000m" as "1": not somebody else's doing.
TEST_F(TheClusterChanges, WhatTheServerMakesOfAValueIsNoForeignEdit) {
  claim();
  replace(kServersPath, "/spec/template", template_with_cpu("1000m"));
  EXPECT_EQ(value(kServersPath, "/spec/template/spec/containers/0/resources/limits/cpu"), "1");
  EXPECT_TRUE(changes.put_all_back());
  EXPECT_THAT(changes.left_alone(), IsEmpty());
  EXPECT_EQ(fleet.of_users(), before);
}

TEST_F(TheClusterChanges, OtherFieldsThatSomebodyChangedStayChanged) {
  claim();
  replace(kServersPath, "/spec/template", template_with_cpu("300m"));
  const std::string image = "/spec/template/spec/containers/0/image";
  set(kServersPath, image, "wsfleet-server:2");
  set(kServersPath, "/metadata/annotations/owner", "another");
  EXPECT_TRUE(changes.put_all_back());
  EXPECT_THAT(changes.left_alone(), IsEmpty());
  EXPECT_EQ(value(kServersPath, image), "wsfleet-server:2");
  EXPECT_EQ(value(kServersPath, "/metadata/annotations/owner"), "another");
  set(kServersPath, image, "wsfleet-server:1");
  set(kServersPath, "/metadata/annotations/owner", "the users");
  EXPECT_EQ(fleet.of_users(), before);
}

TEST_F(TheClusterChanges, AFieldThatWasChangedTwiceIsNotTakenForSomebodysDoing) {
  {
    ClusterChanges killed(fleet.client, "chat", quiet_lock("killed"));
    ASSERT_TRUE(killed.claim(false));
    ASSERT_TRUE(killed.replace("a part", kRedisPath, "/spec/replicas", 7));
    ASSERT_TRUE(killed.replace("a part", kRedisPath, "/spec/replicas", 9));
  }
  set(kRedisPath, "/spec/replicas", 1);  // put back, but not noted any more
  ASSERT_TRUE(changes.claim(true));
  EXPECT_THAT(changes.left_alone(), IsEmpty());
  replace(kRedisPath, "/spec/replicas", 7);
  replace(kRedisPath, "/spec/replicas", 9);
  set(kRedisPath, "/spec/replicas", 4);
  EXPECT_TRUE(changes.put_all_back());
  EXPECT_EQ(changes.left_alone().size(), 1U);
  EXPECT_EQ(value(kRedisPath, "/spec/replicas"), 4);
}

TEST_F(TheClusterChanges, TheVeryFieldThatSomebodyChangedStaysAndIsTold) {
  claim();
  replace(kRedisPath, "/spec/replicas", 0);
  replace(kServersPath, "/spec/template", template_with_cpu("300m"));
  set(kRedisPath, "/spec/replicas", 3);
  EXPECT_TRUE(changes.put_all_back());
  EXPECT_EQ(value(kRedisPath, "/spec/replicas"), 3);
  EXPECT_THAT(
      changes.left_alone(),
      ElementsAre(
          "a part: /spec/replicas was changed by somebody else meanwhile and stays as it is; to "
          "have it as it was: kubectl -n chat patch statefulsets/redis --type=json -p "
          R"('[{"op":"add","path":"/spec/replicas","value":1}]')"));
  EXPECT_THAT(changes.left_alone(), IsEmpty());
  EXPECT_EQ(fleet.objects.at(kLockPath), json());
  set(kRedisPath, "/spec/replicas", 1);
  EXPECT_EQ(fleet.of_users(), before);
}

TEST_F(TheClusterChanges, WhatTheRunItselfMovesIsPutBackFromWhereverItIs) {
  claim();
  ASSERT_TRUE(changes.replace("the servers", kServersPath,
                              {{.pointer = "/spec/replicas", .value = 3, .moves = true}}));
  set(kServersPath, "/spec/replicas", 12);
  EXPECT_TRUE(changes.put_all_back());
  EXPECT_EQ(fleet.of_users(), before);
}

TEST_F(TheClusterChanges, AContainerThatSomebodyPutInFrontKeepsItsOwn) {
  claim();
  replace(kServersPath, "/spec/template", template_with_cpu("300m"));
  fleet.objects.change(kServersPath, [](json& object) {
    json& containers = object["spec"]["template"]["spec"]["containers"];
    json sidecar = containers[0];
    sidecar["name"] = "sidecar";
    containers.insert(containers.begin(), sidecar);
  });
  const json changed = fleet.spec_of(kServersPath);
  EXPECT_TRUE(changes.put_all_back());
  EXPECT_EQ(fleet.spec_of(kServersPath), changed);
  EXPECT_THAT(changes.left_alone(), Not(IsEmpty()));
}

TEST_F(TheClusterChanges, AnObjectThatIsGoneHasNothingToBePutBack) {
  claim();
  replace(kRedisPath, "/spec/replicas", 0);
  fleet.objects.remove(kRedisPath);
  EXPECT_TRUE(changes.put_all_back());
  EXPECT_EQ(fleet.objects.at(kLockPath), json());
}

// Read, changed by somebody, patched: the patch has to be made anew from what is there now.
TEST_F(TheClusterChanges, WhoeverIsFasterIsNotOverwritten) {
  claim();
  int times = 0;
  fleet.objects.first([&](const ScriptedRequest& request) -> ScriptedAnswer {
    if (request.method == "PATCH" && request.target == kRedisPath && ++times == 1) {
      set(kRedisPath, "/spec/replicas", 2);
    }
    return {.status = 0};
  });
  replace(kRedisPath, "/spec/replicas", 0);
  EXPECT_EQ(value(kRedisPath, "/spec/replicas"), 0);
  EXPECT_TRUE(changes.put_all_back());
  EXPECT_EQ(value(kRedisPath, "/spec/replicas"), 2);
  EXPECT_THAT(changes.left_alone(), IsEmpty());
}

TEST_F(TheClusterChanges, ALostApiIsToldWithWhatIsLeftAndHowToDoIt) {
  claim();
  replace(kRedisPath, "/spec/replicas", 0);
  replace(kServersPath, "/metadata/annotations/note", "it's a test");
  // The servers are put back; then the API server is gone.
  fleet.objects.trouble({.at = 3, .lasts = true, .kind = WriteTrouble::Kind::broken});
  const auto back = changes.put_all_back();
  ASSERT_FALSE(back);
  EXPECT_EQ(back.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(back.error().message, HasSubstr("`--recover` of the next run tries again"));
  EXPECT_THAT(back.error().message,
              HasSubstr("kubectl -n chat patch statefulsets/redis --type=json -p "
                        R"('[{"op":"add","path":"/spec/replicas","value":1}]')"));
  EXPECT_THAT(back.error().message, Not(HasSubstr("annotations")));
  EXPECT_THAT(back.error().message, HasSubstr("still names what was put back, too"));

  fleet.objects.trouble({});
  EXPECT_EQ(value(kRedisPath, "/spec/replicas"), 0);
  ClusterChanges next(fleet.client, "chat", quiet_lock("next"));
  const auto claimed = next.claim(true);
  ASSERT_TRUE(claimed) << claimed.error().message;
  EXPECT_TRUE(next.put_all_back());
  EXPECT_EQ(fleet.of_users(), before);
}

TEST_F(TheClusterChanges, AnAnswerThatGotLostIsNoError) {
  for (int write = 1; write <= 7; ++write) {
    fleet.objects.trouble({.at = write, .is_done = true, .kind = WriteTrouble::Kind::dropped});
    ClusterChanges one(fleet.client, "chat", quiet_lock("one"));
    const auto claimed = one.claim(false);
    ASSERT_TRUE(claimed) << write << claimed.error().message;
    ASSERT_TRUE(one.replace("a part", kRedisPath, "/spec/replicas", 0)) << write;
    EXPECT_EQ(value(kRedisPath, "/spec/replicas"), 0) << write;
    EXPECT_TRUE(one.put_all_back()) << write;
    EXPECT_THAT(one.left_alone(), IsEmpty()) << write;
    EXPECT_EQ(fleet.of_users(), before) << write;
  }
}

TEST_F(TheClusterChanges, AServerThatHangsIsGivenUp) {
  claim();
  fleet.objects.trouble({.at = 2, .lasts = true, .kind = WriteTrouble::Kind::hanging});
  const auto replaced = changes.replace("Redis", kRedisPath, "/spec/replicas", 0);
  ASSERT_FALSE(replaced);
  EXPECT_EQ(replaced.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(replaced.error().message, HasSubstr("Redis: "));
  fleet.objects.trouble({});
  EXPECT_TRUE(changes.put_all_back());
  EXPECT_EQ(fleet.of_users(), before);
}

TEST_F(TheClusterChanges, ChangesThatCantBeReadAreLeftToPeople) {
  fleet.objects.put(kLockPath, {{"data", {{"holder", "old"}, {"changes", "[{\"patch\": []}]"}}}});
  const auto claimed = changes.claim(true);
  ASSERT_FALSE(claimed);
  EXPECT_THAT(claimed.error().message,
              HasSubstr("`kubectl delete configmap wsfleet-experiment -n chat`"));
  EXPECT_TRUE(changes.put_all_back());
  EXPECT_EQ(fleet.objects.at(kLockPath)["data"]["changes"], "[{\"patch\": []}]");
}

}  // namespace
}  // namespace wsfleet
