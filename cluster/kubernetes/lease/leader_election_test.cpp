// SPDX-License-Identifier: Apache-2.0
// Elections that run by themselves, in real time, two threads against one Lease.
#include "cluster/kubernetes/lease/leader_election.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <optional>

#include "cluster/kubernetes/testing/lease_in_memory.h"
#include "core/live/live_clock.h"

namespace wsfleet {
namespace {

constexpr TimeNs kElectionWithin = 30 * kSecond;

/// A wire that can be cut: requests hang until their deadline then.
class CuttableWire : public LeaseStore {
 public:
  explicit CuttableWire(LeaseInMemory& lease) : lease_(lease) {}

  Result<nlohmann::json> read(TimeNs deadline) override {
    return hangs(deadline) ? no_answer() : lease_.read(deadline);
  }
  Result<nlohmann::json> create(const nlohmann::json& lease, TimeNs deadline) override {
    return hangs(deadline) ? no_answer() : lease_.create(lease, deadline);
  }
  Result<nlohmann::json> replace(const nlohmann::json& lease, TimeNs deadline) override {
    return hangs(deadline) ? no_answer() : lease_.replace(lease, deadline);
  }
  void cut(bool yes) {
    const std::lock_guard lock(mutex_);
    cut_ = yes;
    changed_.notify_all();
  }

 private:
  static Result<nlohmann::json> no_answer() { return fail(ErrorKind::unavailable, "no answer"); }
  bool hangs(TimeNs deadline) {
    std::unique_lock lock(mutex_);
    if (!cut_) return false;
    changed_.wait_for(lock, std::chrono::nanoseconds(deadline), [this] { return !cut_; });
    return true;
  }

  LeaseInMemory& lease_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool cut_ = false;
};

struct ThreadedCandidate {
  ThreadedCandidate(const std::string& identity, LeaseInMemory& lease)
      : wire(lease),
        elector({.name_space = "chat",
                 .lease_name = "scaler",
                 .identity = identity,
                 .lease_duration = 2 * kSecond,
                 .renew_deadline = kSecond,
                 .retry_period = 100 * kMillisecond},
                wire) {}

  void start() {
    election.emplace(elector, [this](bool, const std::string&) { ++changes; });
  }

  CuttableWire wire;
  Elector elector;
  std::atomic<int> changes{0};
  std::optional<LeaderElection> election;
};

class RunningElection : public testing::Test {
 protected:
  /// Looks all the time, and that never both lead.
  template <class Condition>
  bool comes_true(Condition condition) {
    std::mutex mutex;
    std::condition_variable never;
    for (const TimeNs end = monotonic_now() + kElectionWithin; monotonic_now() < end;) {
      const bool a_leads = a.elector.leading();
      const bool b_leads = b.elector.leading();
      // Asked one after the other: who led may have stopped between.
      if (a_leads && b_leads) {
        EXPECT_FALSE(a.elector.leading() && b.elector.leading());
      }
      if (condition()) return true;
      std::unique_lock lock(mutex);
      never.wait_for(lock, std::chrono::milliseconds(1));
    }
    return false;
  }

  LeaseInMemory lease;
  ThreadedCandidate a{"a", lease};
  ThreadedCandidate b{"b", lease};
};

TEST_F(RunningElection, WhoEndsInOrderIsFollowedAtOnce) {
  a.start();
  ASSERT_TRUE(comes_true([&] { return a.elector.leading(); }));
  EXPECT_GE(a.changes, 1);
  b.start();
  ASSERT_TRUE(comes_true([&] { return b.elector.holder() == "a"; }));
  a.election.reset();
  EXPECT_FALSE(a.elector.leading());
  ASSERT_TRUE(comes_true([&] { return b.elector.leading(); }));
  EXPECT_EQ(lease.lease()["spec"]["leaseTransitions"], 1);
}

TEST_F(RunningElection, WhoIsCutOffIsFollowedAndComesBackBehind) {
  a.start();
  ASSERT_TRUE(comes_true([&] { return a.elector.leading(); }));
  b.start();
  a.wire.cut(true);
  ASSERT_TRUE(comes_true([&] { return b.elector.leading(); }));
  EXPECT_FALSE(a.elector.leading());
  a.wire.cut(false);
  ASSERT_TRUE(comes_true([&] { return a.elector.holder() == "b"; }));
  EXPECT_FALSE(a.elector.leading());
  EXPECT_GE(a.changes, 2);  // began, ended
  b.election.reset();
  ASSERT_TRUE(comes_true([&] { return a.elector.leading(); }));
  EXPECT_EQ(a.elector.term(), 2);
}

TEST_F(RunningElection, EndsWhileItsRequestsHang) {
  a.wire.cut(true);
  a.start();
  a.election.reset();
  EXPECT_FALSE(a.elector.leading());
  EXPECT_TRUE(lease.lease().is_null());
}

}  // namespace
}  // namespace wsfleet
