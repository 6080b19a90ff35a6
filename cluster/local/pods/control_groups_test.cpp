// SPDX-License-Identifier: Apache-2.0
#include "cluster/local/pods/control_groups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/process/files.h"

namespace wsfleet {
namespace {

namespace fs = std::filesystem;

/// Directories that look like the kernel's: what is written there can be read back.
class ControlGroupsLive : public testing::Test {
 protected:
  void SetUp() override {
    root_ = testing::TempDir() + "cgroups-" +
            testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(root_);
    fs::create_directories(root_);
  }
  void TearDown() override { fs::remove_all(root_); }
  void file(const std::string& name, const std::string& text = "") {
    fs::create_directories(fs::path(root_ + "/" + name).parent_path());
    std::ofstream(root_ + "/" + name) << text;
  }
  std::string root_;
};

TEST_F(ControlGroupsLive, AMachineWithoutThemIsAnErrorThatSaysWhatIsMissing) {
  const auto groups = ControlGroups::make("run", root_);
  ASSERT_FALSE(groups);
  EXPECT_THAT(groups.error().message, testing::HasSubstr(root_ + "/cpu"));
}

TEST_F(ControlGroupsLive, AHierarchyWithoutTheCpuControllerIsAnError) {
  file("cgroup.controllers", "memory pids");
  EXPECT_FALSE(ControlGroups::make("run", root_));
}

TEST_F(ControlGroupsLive, Version1GetsQuotaMemoryAndProcess) {
  for (const char* name :
       {"cpu/run/pod/cpu.cfs_period_us", "cpu/run/pod/cpu.cfs_quota_us", "cpu/run/pod/cgroup.procs",
        "memory/run/pod/memory.limit_in_bytes", "memory/run/pod/cgroup.procs"}) {
    file(name);
  }
  auto groups = ControlGroups::make("run", root_);
  ASSERT_TRUE(groups);
  PodSettings limits;
  limits.cpu_limit = 0.25;
  limits.memory_limit_bytes = 1'000'000;
  ASSERT_TRUE((*groups)->confine("pod", 4711, limits));
  EXPECT_EQ(text_of(root_ + "/cpu/run/pod/cpu.cfs_quota_us"), "25000");
  EXPECT_EQ(text_of(root_ + "/cpu/run/pod/cpu.cfs_period_us"), "100000");
  EXPECT_EQ(text_of(root_ + "/memory/run/pod/memory.limit_in_bytes"), "1000000");
  EXPECT_EQ(text_of(root_ + "/cpu/run/pod/cgroup.procs"), "4711");
  EXPECT_EQ(text_of(root_ + "/memory/run/pod/cgroup.procs"), "4711");
}

TEST_F(ControlGroupsLive, Version2GetsCpuMaxAndPassesTheControllersOn) {
  file("cgroup.controllers", "cpuset cpu memory");
  for (const char* name : {"cgroup.subtree_control", "run/cgroup.subtree_control",
                           "run/pod/cpu.max", "run/pod/memory.max", "run/pod/cgroup.procs"}) {
    file(name);
  }
  auto groups = ControlGroups::make("run", root_);
  ASSERT_TRUE(groups);
  ASSERT_TRUE((*groups)->confine("pod", 4711, PodSettings{}));
  EXPECT_EQ(text_of(root_ + "/run/pod/cpu.max"), "100000 100000");
  EXPECT_EQ(text_of(root_ + "/cgroup.subtree_control"), "+cpu +memory");
}

TEST_F(ControlGroupsLive, WhatCanNotBeWrittenIsNamed) {
  fs::create_directories(root_ + "/cpu");
  fs::create_directories(root_ + "/memory");
  auto groups = ControlGroups::make("run", root_);
  ASSERT_TRUE(groups);
  const auto confined = (*groups)->confine("pod", 4711, PodSettings{});
  ASSERT_FALSE(confined);  // the kernel would have made the file
  EXPECT_THAT(confined.error().message, testing::HasSubstr("cpu.cfs_period_us"));
}

}  // namespace
}  // namespace wsfleet
