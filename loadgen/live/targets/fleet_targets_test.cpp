// SPDX-License-Identifier: Apache-2.0
#include "loadgen/live/targets/fleet_targets.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>

#include "loadgen/live/testing/server_process.h"

namespace wsfleet {
namespace {

/// The first endpoint, always; tells what it was told.
class FirstChoice final : public TargetChoice {
 public:
  explicit FirstChoice(std::string& told) : told_(&told) {}
  void set_endpoints(const std::vector<std::uint32_t>& ids, TimeNs) override {
    ids_ = ids;
    *told_ += "set(";
    for (const std::uint32_t id : ids) *told_ += std::to_string(id);
    *told_ += ")";
  }
  std::optional<std::uint32_t> pick(const TargetRequest&) override {
    if (ids_.empty()) return std::nullopt;
    return ids_.front();
  }
  void release(std::uint32_t id, TimeNs, TimeNs) override {
    *told_ += fmt::format("release({})", id);
  }
  void forget(std::uint32_t id) override { *told_ += fmt::format("forget({})", id); }

 private:
  std::vector<std::uint32_t> ids_;
  std::string* told_;
};

class FleetTargetsLive : public testing::Test {
 protected:
  FleetTargetsLive()
      : path_(scratch_path("targets.json")),
        targets_(path_, std::make_unique<FirstChoice>(told_), /*tells=*/false) {}
  ~FleetTargetsLive() override { unlink(path_.c_str()); }

  /// As a harness does: a new file in the place of the old one.
  void put(const std::string& text) {
    write_file(path_ + ".new", text);
    ASSERT_EQ(std::rename((path_ + ".new").c_str(), path_.c_str()), 0);
    targets_.refresh(0);
  }
  void put_endpoints(const std::string& entries) { put("{\"endpoints\":[" + entries + "]}"); }
  std::string told() { return std::exchange(told_, ""); }

  std::string told_;
  std::string path_;
  FleetTargets targets_;
};

std::string endpoint(int id, const std::string& uid, int port) {
  return fmt::format(R"({{"id":{},"uid":"{}","url":"ws://127.0.0.1:{}/"}})", id, uid, port);
}

TEST_F(FleetTargetsLive, FollowsTheFile) {
  targets_.refresh(0);
  EXPECT_FALSE(targets_.pick({}).has_value());  // no file yet
  put_endpoints("");
  EXPECT_FALSE(targets_.pick({}).has_value());
  put_endpoints(endpoint(1, "a", 4001) + "," + endpoint(0, "b", 4000));
  ASSERT_TRUE(targets_.pick({}).has_value());
  EXPECT_EQ(targets_.pick({})->target->url.port, 4000);
  EXPECT_EQ(targets_.pick({})->target->endpoint.port(), 4000);
  EXPECT_EQ(targets_.pick({})->target->host_header, "127.0.0.1:4000");
  put_endpoints(endpoint(1, "a", 4001));
  EXPECT_EQ(targets_.pick({})->target->url.port, 4001);
  EXPECT_EQ(told(), "set()set(01)set(1)");
}

TEST_F(FleetTargetsLive, IsNotReadWhenNothingChanged) {
  put_endpoints(endpoint(0, "a", 4000));
  told();
  targets_.refresh(0);
  EXPECT_EQ(told(), "");
}

TEST_F(FleetTargetsLive, KeepsTheLastGoodList) {
  put_endpoints(endpoint(0, "a", 4000));
  told();
  put("{\"endpoints\":[");
  EXPECT_EQ(told(), "");
  EXPECT_TRUE(targets_.pick({}).has_value());
  unlink(path_.c_str());
  targets_.refresh(0);
  EXPECT_TRUE(targets_.pick({}).has_value());
  put_endpoints("");
  EXPECT_FALSE(targets_.pick({}).has_value());
}

TEST_F(FleetTargetsLive, AnotherPodUnderTheSameIdIsANewOne) {
  put_endpoints(endpoint(0, "a", 4000));
  const auto first = targets_.pick({});
  put_endpoints("");
  put_endpoints(endpoint(0, "a", 4000));  // it was not ready for a while
  EXPECT_EQ(told(), "set(0)set()set(0)");
  const auto same = targets_.pick({});
  targets_.release(*same, 0, 0);
  EXPECT_EQ(told(), "release(0)");
  put_endpoints(endpoint(0, "b", 5000));
  EXPECT_EQ(told(), "set()forget(0)set(0)");
  targets_.release(*first, 0, 0);  // the connection of the old pod
  EXPECT_EQ(told(), "");
  EXPECT_EQ(first->target->url.port, 4000);  // still there for an attempt that goes on
  targets_.release(*targets_.pick({}), 0, 0);
  EXPECT_EQ(told(), "release(0)");
}

}  // namespace
}  // namespace wsfleet
