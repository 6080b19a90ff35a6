// SPDX-License-Identifier: Apache-2.0
// The election in simulated time: who leads when, and that never two do, whatever is lost on the
// way.
#include "cluster/kubernetes/lease/elector.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cluster/kubernetes/testing/lease_in_memory.h"
#include "core/random.h"

namespace wsfleet {
namespace {

using testing::HasSubstr;

/// One candidate's way to the Lease, which may be slow, cut, or lose what comes back.
class Wire : public LeaseStore {
 public:
  enum class Trouble { none, cut, answer_lost };

  Wire(LeaseInMemory& lease, TimeNs& now) : lease_(lease), now_(now) {}

  Result<nlohmann::json> read(TimeNs deadline) override {
    return send(deadline, [&] { return lease_.read(deadline); });
  }
  Result<nlohmann::json> create(const nlohmann::json& lease, TimeNs deadline) override {
    return send(deadline, [&] { return lease_.create(lease, deadline); });
  }
  Result<nlohmann::json> replace(const nlohmann::json& lease, TimeNs deadline) override {
    return send(deadline, [&] { return lease_.replace(lease, deadline); });
  }

  Trouble trouble = Trouble::none;
  TimeNs way = 0;       // each way
  TimeNs busy_for = 0;  // of the time that a hanging request takes, which others do not wait for
  TimeNs last_deadline = 0;
  int requests = 0;

 private:
  template <class Request>
  Result<nlohmann::json> send(TimeNs deadline, Request request) {
    ++requests;
    last_deadline = deadline;
    if (trouble == Trouble::cut) {
      busy_for += deadline;
      return fail(ErrorKind::unavailable, "no answer");
    }
    now_ += way;
    Result<nlohmann::json> answer = request();
    now_ += way;
    if (trouble == Trouble::none) return answer;
    busy_for += deadline;
    return fail(ErrorKind::unavailable, "no answer");
  }

  LeaseInMemory& lease_;
  TimeNs& now_;
};

struct Candidate {
  Candidate(std::string identity, LeaseInMemory& lease, TimeNs& now, TimeNs clock_offset = 0)
      : wire(lease, now),
        elector({.name_space = "chat", .lease_name = "scaler", .identity = std::move(identity)},
                wire,
                {.monotonic = [&now, clock_offset] { return now + clock_offset; },
                 .wall = [this] { return wall; }}) {}

  Wire wire;
  TimeNs wall = 1795546800 * kSecond;
  Elector elector;
};

class Election : public testing::Test {
 protected:
  LeaseInMemory lease;
  TimeNs now = 1000 * kSecond;
  Candidate a{"a", lease, now};
  Candidate b{"b", lease, now, 777 * kSecond};
};

TEST_F(Election, TheFirstOneCreatesTheLeaseAndLeads) {
  EXPECT_FALSE(a.elector.leading());
  ASSERT_TRUE(a.elector.step());
  EXPECT_TRUE(a.elector.leading());
  EXPECT_EQ(a.elector.term(), 1);
  ASSERT_TRUE(b.elector.step());
  EXPECT_FALSE(b.elector.leading());
  EXPECT_EQ(b.elector.holder(), "a");
  const nlohmann::json spec = lease.lease()["spec"];
  EXPECT_EQ(spec["leaseDurationSeconds"], 15);
  EXPECT_EQ(spec["leaseTransitions"], 0);
  EXPECT_EQ(spec["renewTime"], "2026-11-24T19:00:00.000000Z");
  EXPECT_EQ(lease.lease()["metadata"]["namespace"], "chat");
}

// The wall clocks stand still here: each renewal is a change nevertheless.
TEST_F(Election, AHolderThatRenewsIsNeverTakenOver) {
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(a.elector.step());
    ASSERT_TRUE(b.elector.step());
    EXPECT_TRUE(a.elector.leading());
    EXPECT_FALSE(b.elector.leading());
    now += 2 * kSecond;
  }
  EXPECT_EQ(a.elector.term(), 1);
  EXPECT_EQ(lease.lease()["spec"]["leaseTransitions"], 0);
}

TEST_F(Election, AHolderRenewsByOneRequest) {
  ASSERT_TRUE(a.elector.step());
  const int before = a.wire.requests;
  now += 2 * kSecond;
  ASSERT_TRUE(a.elector.step());
  EXPECT_EQ(a.wire.requests, before + 1);
}

TEST_F(Election, AHolderThatIsCutOffStopsBeforeAnotherBegins) {
  ASSERT_TRUE(a.elector.step());
  const TimeNs renewed = now;
  a.wire.trouble = Wire::Trouble::cut;
  TimeNs a_ended = 0;
  while (!b.elector.leading()) {
    ASSERT_LT(now, renewed + 60 * kSecond);
    now += 500 * kMillisecond;
    if (!a.elector.leading() && a_ended == 0) a_ended = now;
    EXPECT_FALSE(a.elector.step());
    ASSERT_TRUE(b.elector.step());
    EXPECT_FALSE(a.elector.leading() && b.elector.leading());
  }
  EXPECT_EQ(a_ended, renewed + 10 * kSecond);
  // 15 s after b first saw the last renewal.
  EXPECT_EQ(now, renewed + 15 * kSecond + 500 * kMillisecond);
  EXPECT_EQ(lease.holder(), "b");
  EXPECT_EQ(lease.lease()["spec"]["leaseTransitions"], 1);
  // Back again, it sees that another one leads.
  a.wire.trouble = Wire::Trouble::none;
  ASSERT_TRUE(a.elector.step());
  EXPECT_FALSE(a.elector.leading());
}

TEST_F(Election, ACandidateCountsFromWhenItSawTheLease) {
  ASSERT_TRUE(a.elector.step());
  now += kHour;  // nobody renewed; b comes up only now
  ASSERT_TRUE(b.elector.step());
  EXPECT_FALSE(b.elector.leading());
  now += 14 * kSecond;
  ASSERT_TRUE(b.elector.step());
  EXPECT_FALSE(b.elector.leading());
  now += kSecond;
  ASSERT_TRUE(b.elector.step());
  EXPECT_TRUE(b.elector.leading());
}

TEST_F(Election, WallClocksDecideNothing) {
  a.wall += 24 * kHour;
  ASSERT_TRUE(a.elector.step());
  b.wall -= 24 * kHour;
  ASSERT_TRUE(b.elector.step());
  now += 5 * kSecond;
  a.wall -= 48 * kHour;  // steps back, renews into the past
  ASSERT_TRUE(a.elector.step());
  b.wall += 48 * kHour;
  ASSERT_TRUE(b.elector.step());
  now += 14 * kSecond;
  ASSERT_TRUE(b.elector.step());
  EXPECT_FALSE(b.elector.leading());
}

TEST_F(Election, TheHoldersPromiseCountsNotTheCandidatesSetting) {
  Candidate hasty{"hasty", lease, now};
  lease.create({{"metadata", nlohmann::json::object()},
                {"spec", {{"holderIdentity", "patient"}, {"leaseDurationSeconds", 60}}}},
               0);
  ASSERT_TRUE(hasty.elector.step());
  now += 59 * kSecond;
  ASSERT_TRUE(hasty.elector.step());
  EXPECT_FALSE(hasty.elector.leading());
  now += kSecond;
  ASSERT_TRUE(hasty.elector.step());
  EXPECT_TRUE(hasty.elector.leading());
}

TEST_F(Election, AReleasedLeaseIsTakenAtOnce) {
  ASSERT_TRUE(a.elector.step());
  ASSERT_TRUE(b.elector.step());
  ASSERT_TRUE(a.elector.release());
  EXPECT_FALSE(a.elector.leading());
  EXPECT_EQ(lease.holder(), "");
  ASSERT_TRUE(b.elector.step());
  EXPECT_TRUE(b.elector.leading());
  ASSERT_TRUE(a.elector.release());  // has nothing to give up
  EXPECT_EQ(lease.holder(), "b");
}

TEST_F(Election, ALostAnswerOfARenewalDoesNotLockOut) {
  ASSERT_TRUE(a.elector.step());
  a.wire.trouble = Wire::Trouble::answer_lost;
  now += 2 * kSecond;
  EXPECT_FALSE(a.elector.step());  // it was written nevertheless
  a.wire.trouble = Wire::Trouble::none;
  now += 2 * kSecond;
  ASSERT_TRUE(a.elector.step());
  EXPECT_TRUE(a.elector.leading());
  EXPECT_EQ(a.elector.term(), 1);
}

TEST_F(Election, AnnotationsAreWrittenByTheHolderAlone) {
  EXPECT_EQ(a.elector.annotate({{"x", "1"}}).error().kind, ErrorKind::conflict);
  ASSERT_TRUE(a.elector.step());
  ASSERT_TRUE(a.elector.annotate({{"x", "1"}, {"y", "2"}}));
  ASSERT_TRUE(a.elector.annotate({{"x", "3"}}));
  ASSERT_TRUE(b.elector.step());
  EXPECT_EQ(b.elector.annotations(), (Elector::Annotations{{"x", "3"}, {"y", "2"}}));
  now += 8 * kSecond;
  EXPECT_TRUE(a.elector.leading());
  EXPECT_EQ(a.elector.time_left(), 2 * kSecond);  // annotating had renewed
}

TEST_F(Election, ANoteOfYesterdaysHolderIsFenced) {
  ASSERT_TRUE(a.elector.step());
  // b took the Lease while a stood still, a's own clock included.
  lease.change([](nlohmann::json& l) { l["spec"]["holderIdentity"] = "b"; });
  EXPECT_TRUE(a.elector.leading());
  const auto written = a.elector.annotate({{"x", "stale"}});
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, ErrorKind::conflict);
  EXPECT_FALSE(a.elector.leading());
  EXPECT_FALSE(lease.lease()["metadata"].contains("annotations"));
}

TEST_F(Election, SomebodysLabelDoesNotEndLeadership) {
  ASSERT_TRUE(a.elector.step());
  lease.change([](nlohmann::json& l) { l["metadata"]["labels"]["team"] = "chat"; });
  ASSERT_TRUE(a.elector.annotate({{"x", "1"}}));
  now += 2 * kSecond;
  lease.change([](nlohmann::json& l) { l["metadata"]["labels"]["team"] = "talk"; });
  ASSERT_TRUE(a.elector.step());
  EXPECT_TRUE(a.elector.leading());
  EXPECT_EQ(a.elector.term(), 1);
  EXPECT_EQ(lease.lease()["metadata"]["labels"]["team"], "talk");
}

TEST_F(Election, ADeletedLeaseIsMadeAgain) {
  ASSERT_TRUE(a.elector.step());
  lease.remove();
  now += 2 * kSecond;
  ASSERT_TRUE(a.elector.step());
  EXPECT_TRUE(a.elector.leading());
  EXPECT_EQ(lease.holder(), "a");
}

TEST_F(Election, ARequestOfTheHolderEndsWithLeadership) {
  ASSERT_TRUE(a.elector.step());
  EXPECT_EQ(a.elector.time_left(), 10 * kSecond);
  now += 9 * kSecond;
  a.wire.trouble = Wire::Trouble::cut;
  EXPECT_FALSE(a.elector.step());
  EXPECT_EQ(a.wire.last_deadline, kSecond);
}

// Three candidates, slow wires, cuts, lost answers: at no moment do two lead, and while nothing is
// cut somebody does.
TEST(ElectionAtRandom, NeverTwoLead) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const RandomStream chance(seed, "election");
    LeaseInMemory lease;
    TimeNs now = 0;
    std::vector<std::unique_ptr<Candidate>> all;
    std::vector<TimeNs> next(3, 0);
    for (int i = 0; i < 3; ++i) {
      all.push_back(std::make_unique<Candidate>(fmt::format("c{}", i), lease, now, i * kHour));
    }
    int led = 0;
    for (std::uint64_t draw = 0; draw < 3000; ++draw) {
      const std::size_t i =
          static_cast<std::size_t>(std::min_element(next.begin(), next.end()) - next.begin());
      now = std::max(now, next[i]);
      Candidate& one = *all[i];
      if (chance.uniform(draw, 0) < 0.1) {
        const std::uint64_t kind = chance.below(6, draw, 1);
        one.wire.trouble = kind < 3 ? static_cast<Wire::Trouble>(kind) : Wire::Trouble::none;
      }
      one.wire.way = from_seconds(0.3 * chance.uniform(draw, 2));
      one.wall += from_seconds(100 * (chance.uniform(draw, 3) - 0.5));
      one.wire.busy_for = 0;
      const bool leaves = one.elector.leading() && chance.uniform(draw, 4) < 0.02;
      const bool ok = leaves ? one.elector.release().has_value() : one.elector.step().has_value();
      next[i] = now + one.wire.busy_for + 2 * kSecond;
      int leaders = 0;
      for (const auto& candidate : all) leaders += candidate->elector.leading() ? 1 : 0;
      ASSERT_LE(leaders, 1) << "seed " << seed << ", draw " << draw << (ok ? "" : ", failed");
      led += leaders;
    }
    EXPECT_GT(led, 500) << "seed " << seed;
  }
}

}  // namespace
}  // namespace wsfleet
