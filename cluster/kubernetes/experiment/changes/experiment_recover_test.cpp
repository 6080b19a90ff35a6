// SPDX-License-Identifier: Apache-2.0
// A harness that is killed at any write of a whole experiment, from its first to its last: the next
// one's `--recover` leaves the namespace as it was, and what others have done meanwhile stays.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cluster/kubernetes/experiment/changes/deployment.h"
#include "cluster/kubernetes/experiment/testing/deployed_fleet.h"
#include "core/live/live_clock.h"

namespace wsfleet {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// All that an experiment changes, in its order; nothing after an error, as a killed one does.
Result<void> whole_experiment(DeployedFleet& fleet, ClusterChanges& changes) {
  if (auto claimed = changes.claim(false); !claimed) return claimed;
  Deployment deployment(fleet.client, changes, "chat");
  const LiveSettings settings = other_settings();
  if (auto stopped = deployment.stop_scaler(); !stopped) return stopped;
  if (auto adapted = deployment.adapt_servers(settings); !adapted) return adapted;
  const auto balances = deployment.adapt_ingress(settings.cluster.balancer);
  if (!balances) return tl::unexpected(balances.error());
  if (auto started = deployment.start_scaler("[scaler]\n", 0); !started) return started;
  // The scaler scales, and faults strike.
  const auto outage = changes.replace("Prometheus", kPrometheusPath, "/spec/selector",
                                      json::object({{"wsfleet.io/outage", "true"}}));
  if (!outage) return outage;
  fleet.objects.change(kServersPath, [](json& object) { object["spec"]["replicas"] = 8; });
  if (auto over = changes.put_back(kPrometheusPath); !over) return over;
  if (auto lost = changes.replace("Redis", kRedisPath, "/spec/replicas", 0); !lost) return lost;
  return changes.put_all_back();
}

class TheRecover : public testing::Test {
 protected:
  int writes_of_a_whole_one() {
    fleet.objects.trouble({});
    ClusterChanges changes(fleet.client, "chat", quiet_lock("whole"));
    const auto done = whole_experiment(fleet, changes);
    EXPECT_TRUE(done) << done.error().message;
    EXPECT_EQ(fleet.of_users(), before);
    return fleet.objects.writes();
  }
  /// What the killed one had changed is put back, and the namespace is free.
  void recover(const std::string& when) {
    fleet.objects.trouble({});
    ClusterChanges next(fleet.client, "chat", quiet_lock("next"));
    const auto claimed = next.claim(true);
    EXPECT_TRUE(claimed) << when << claimed.error().message;
    EXPECT_THAT(next.left_alone(), IsEmpty()) << when;
    const auto back = next.put_all_back();
    EXPECT_TRUE(back) << when << back.error().message;
    EXPECT_EQ(fleet.objects.at(kLockPath), json()) << when;
  }

  DeployedFleet fleet;
  std::map<std::string, json> before = fleet.of_users();
};

TEST_F(TheRecover, KilledBeforeOrAfterAnyWriteNothingIsLost) {
  const int writes = writes_of_a_whole_one();
  ASSERT_GT(writes, 20);
  for (int write = 1; write <= writes; ++write) {
    for (const bool is_done : {false, true}) {
      const std::string when =
          fmt::format("killed {} write {}: ", is_done ? "after" : "before", write);
      fleet.objects.trouble({.at = write, .is_done = is_done, .lasts = true});
      {
        ClusterChanges killed(fleet.client, "chat", quiet_lock("killed"));
        EXPECT_FALSE(whole_experiment(fleet, killed)) << when;
      }
      recover(when);
      ASSERT_EQ(fleet.of_users(), before) << when;
    }
  }
}

// The one that recovers is killed, too, at each of its writes.
TEST_F(TheRecover, KilledWhileItRecoversNothingIsLost) {
  for (int write = 1; write <= 12; ++write) {
    for (const bool is_done : {false, true}) {
      const std::string when = fmt::format("killed at write {} of recovery: ", write);
      fleet.objects.trouble({.at = 11, .is_done = true, .lasts = true});
      {
        ClusterChanges killed(fleet.client, "chat", quiet_lock("killed"));
        EXPECT_FALSE(whole_experiment(fleet, killed)) << when;
      }
      fleet.objects.trouble({.at = write, .is_done = is_done, .lasts = true});
      {
        ClusterChanges second(fleet.client, "chat", quiet_lock("second"));
        if (second.claim(true)) static_cast<void>(second.put_all_back());
      }
      recover(when);
      ASSERT_EQ(fleet.of_users(), before) << when;
    }
  }
}

TEST_F(TheRecover, WhatOthersDidAfterTheKillStays) {
  fleet.objects.trouble({.at = 10, .lasts = true});
  {
    ClusterChanges killed(fleet.client, "chat", quiet_lock("killed"));
    EXPECT_FALSE(whole_experiment(fleet, killed));
  }
  fleet.objects.trouble({});
  ASSERT_EQ(fleet.spec_of(kScalerPath)["replicas"], 0);
  const auto image = json::json_pointer("/spec/template/spec/containers/0/image");
  fleet.objects.change(kServersPath, [&](json& object) { object[image] = "wsfleet-server:2"; });
  fleet.objects.change(kScalerPath, [](json& object) { object["spec"]["replicas"] = 1; });
  ClusterChanges next(fleet.client, "chat", quiet_lock("next"));
  ASSERT_TRUE(next.claim(true));
  const auto told = next.left_alone();
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_THAT(told[0], HasSubstr("the replicas of the Deployment websocket-scaler"));
  EXPECT_EQ(fleet.spec_of(kScalerPath)["replicas"], 1);
  EXPECT_EQ(fleet.objects.at(kServersPath)[image], "wsfleet-server:2");
  fleet.objects.change(kServersPath, [&](json& object) { object[image] = "wsfleet-server:1"; });
  fleet.objects.change(kScalerPath, [](json& object) { object["spec"]["replicas"] = 2; });
  EXPECT_TRUE(next.put_all_back());
  EXPECT_EQ(fleet.of_users(), before);
}

TEST_F(TheRecover, BesideALivingRunItIsRefused) {
  LockSettings settings = quiet_lock("living");
  settings.abandoned_after = 30 * kSecond;
  ClusterChanges living(fleet.client, "chat", settings);
  ASSERT_TRUE(living.claim(false));
  ASSERT_TRUE(living.replace("Redis", kRedisPath, "/spec/replicas", 0));
  settings.identity = "other";
  ClusterChanges other(fleet.client, "chat", settings);
  const auto claimed = other.claim(true);
  ASSERT_FALSE(claimed);
  EXPECT_THAT(claimed.error().message, HasSubstr("by living, renewed at "));
  EXPECT_EQ(fleet.spec_of(kRedisPath)["replicas"], 0);
  EXPECT_TRUE(other.put_all_back());  // it has nothing, and takes nothing
  EXPECT_EQ(fleet.spec_of(kRedisPath)["replicas"], 0);
  EXPECT_TRUE(living.put_all_back());
  EXPECT_EQ(fleet.of_users(), before);
}

// It slept while another one recovered and went on: it must not touch that one's experiment.
TEST_F(TheRecover, AHarnessOfYesterdayChangesNothing) {
  ClusterChanges yesterday(fleet.client, "chat", quiet_lock("yesterday"));
  ASSERT_TRUE(yesterday.claim(false));
  ASSERT_TRUE(yesterday.replace("Redis", kRedisPath, "/spec/replicas", 0));
  ClusterChanges today(fleet.client, "chat", quiet_lock("today"));
  ASSERT_TRUE(today.claim(true));
  ASSERT_TRUE(today.replace("Redis", kRedisPath, "/spec/replicas", 0));
  EXPECT_FALSE(yesterday.replace("the servers", kServersPath, "/spec/replicas", 9));
  EXPECT_EQ(fleet.spec_of(kServersPath)["replicas"], 3);
  EXPECT_FALSE(yesterday.held());
  const auto back = yesterday.put_all_back();
  ASSERT_FALSE(back);
  EXPECT_THAT(back.error().message, HasSubstr("by today"));
  EXPECT_EQ(fleet.spec_of(kRedisPath)["replicas"], 0);
  EXPECT_TRUE(today.put_all_back());
  EXPECT_EQ(fleet.of_users(), before);
}

}  // namespace
}  // namespace wsfleet
