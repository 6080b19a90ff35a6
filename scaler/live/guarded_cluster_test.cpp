// SPDX-License-Identifier: Apache-2.0
#include "scaler/live/guarded_cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scaler/testing/fake_world.h"

namespace wsfleet {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Guarded : public testing::Test {
 protected:
  Guarded() {
    inner.current.replicas = 3;
    EXPECT_TRUE(cluster.state());
    inner.calls.clear();
  }

  FakeClock clock;
  FakeCluster inner{clock};
  bool leads = true;
  GuardedCluster cluster{inner, /*dry_run=*/false, [this] { return leads; }};
};

TEST_F(Guarded, WithAllPermittedEverythingIsDone) {
  cluster.arm(Permit::all);
  EXPECT_TRUE(cluster.drain("a"));
  EXPECT_TRUE(cluster.shed("b", 0.5));
  EXPECT_TRUE(cluster.set_deletion_cost("c", 7));
  EXPECT_TRUE(cluster.set_replicas(1));
  EXPECT_THAT(inner.calls,
              ElementsAre("drain a", "shed b 0.50", "set_deletion_cost c 7", "set_replicas 1"));
  EXPECT_TRUE(cluster.last_scaling()->done);
  EXPECT_EQ(cluster.last_scaling()->from, 3);
  EXPECT_EQ(cluster.last_scaling()->to, 1);
}

TEST_F(Guarded, AHoldLetsOnlyScaleUpsThrough) {
  cluster.arm(Permit::scale_up);
  EXPECT_TRUE(cluster.drain("a"));
  EXPECT_TRUE(cluster.shed("b", 0.5));
  EXPECT_TRUE(cluster.set_deletion_cost("c", 7));
  EXPECT_TRUE(cluster.set_replicas(2));
  EXPECT_THAT(inner.calls, IsEmpty());
  EXPECT_FALSE(cluster.last_scaling()->done);
  EXPECT_TRUE(cluster.set_replicas(4));
  EXPECT_THAT(inner.calls, ElementsAre("set_replicas 4"));
}

TEST_F(Guarded, AfterAConflictTheFreshCountDecidesWhatIsAScaleUp) {
  cluster.arm(Permit::scale_up);
  inner.replica_errors.push_back({ErrorKind::conflict, "changed"});
  EXPECT_EQ(cluster.set_replicas(4).error().kind, ErrorKind::conflict);
  EXPECT_FALSE(cluster.last_scaling());
  inner.current.replicas = 8;  // somebody's
  EXPECT_TRUE(cluster.state());
  EXPECT_TRUE(cluster.set_replicas(4));
  EXPECT_FALSE(cluster.last_scaling()->done);
  EXPECT_EQ(inner.current.replicas, 8);
}

TEST_F(Guarded, WithoutLeadershipNothingIsWritten) {
  cluster.arm(Permit::all);
  leads = false;
  EXPECT_FALSE(cluster.set_replicas(4));
  EXPECT_FALSE(cluster.drain("a"));
  EXPECT_FALSE(cluster.shed("a", 1));
  EXPECT_FALSE(cluster.set_deletion_cost("a", 1));
  EXPECT_THAT(inner.calls, IsEmpty());
}

TEST_F(Guarded, BeforeItIsArmedNothingIsWritten) {
  EXPECT_TRUE(cluster.set_replicas(4));
  EXPECT_THAT(inner.calls, IsEmpty());
}

TEST_F(Guarded, ADryRunWritesNothing) {
  GuardedCluster dry(inner, /*dry_run=*/true, [] { return true; });
  EXPECT_TRUE(dry.state());
  dry.arm(Permit::all);
  EXPECT_TRUE(dry.set_replicas(4));
  EXPECT_TRUE(dry.drain("a"));
  EXPECT_FALSE(dry.last_scaling()->done);
  EXPECT_THAT(inner.calls, ElementsAre("state"));
}

}  // namespace
}  // namespace wsfleet
