// SPDX-License-Identifier: Apache-2.0
#include "scaler/live/term/guarded_cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scaler/testing/fake_world.h"

namespace wsfleet {
namespace {

using testing::Each;
using testing::ElementsAre;

class Guarded : public testing::Test {
 protected:
  static std::vector<ErrorKind> write_all(Cluster& to) {
    std::vector<ErrorKind> refusals;
    for (const Result<void>& written :
         {to.drain("a"), to.shed("b", 0.5), to.set_deletion_cost("c", 7), to.set_replicas(1)}) {
      if (!written) refusals.push_back(written.error().kind);
    }
    return refusals;
  }

  FakeClock clock;
  FakeCluster inner{clock};
  bool leads = true;
};

TEST_F(Guarded, WhoLeadsWritesAndHearsWhatTheClusterSays) {
  GuardedCluster cluster(inner, /*dry_run=*/false, [this] { return leads; });
  inner.replica_errors.push_back({ErrorKind::conflict, "changed"});
  EXPECT_THAT(write_all(cluster), ElementsAre(ErrorKind::conflict));
  EXPECT_THAT(inner.calls,
              ElementsAre("drain a", "shed b 0.50", "set_deletion_cost c 7", "set_replicas 1"));
}

TEST_F(Guarded, WithoutLeadershipNothingIsWritten) {
  GuardedCluster cluster(inner, /*dry_run=*/false, [this] { return leads; });
  leads = false;
  const auto refusals = write_all(cluster);
  EXPECT_EQ(refusals.size(), 4U);
  EXPECT_THAT(refusals, Each(ErrorKind::not_leading));
  EXPECT_TRUE(cluster.state());
  EXPECT_THAT(inner.calls, ElementsAre("state"));
}

TEST_F(Guarded, ADryRunWritesNothing) {
  GuardedCluster cluster(inner, /*dry_run=*/true, [this] { return leads; });
  const auto refusals = write_all(cluster);
  EXPECT_EQ(refusals.size(), 4U);
  EXPECT_THAT(refusals, Each(ErrorKind::dry_run));
  EXPECT_TRUE(cluster.state());
  EXPECT_THAT(inner.calls, ElementsAre("state"));
}

}  // namespace
}  // namespace wsfleet
