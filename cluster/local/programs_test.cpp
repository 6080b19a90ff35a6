// SPDX-License-Identifier: Apache-2.0
#include "cluster/local/programs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

namespace wsfleet {
namespace {

TEST(Programs, WhatIsMissingIsToldWithItsPackage) {
  const std::string own = testing::TempDir() + "programs";
  std::filesystem::create_directories(own);
  for (const char* name : {"wsfleet-server", "wsfleet-loadgen"}) {
    std::filesystem::copy_file("/bin/true", own + "/" + name,
                               std::filesystem::copy_options::overwrite_existing);
  }
  const std::string path = getenv("PATH");
  setenv("PATH", own.c_str(), 1);
  const auto programs = find_programs({.redis = true, .nginx = false}, own);
  setenv("PATH", path.c_str(), 1);
  ASSERT_FALSE(programs);
  EXPECT_THAT(programs.error().message,
              testing::HasSubstr("apt-get install prometheus redis-server"));
}

TEST(Programs, OnesOwnAreBuiltNotInstalled) {
  const auto programs = find_programs({}, testing::TempDir() + "nowhere");
  ASSERT_FALSE(programs);
  EXPECT_THAT(programs.error().message, testing::HasSubstr("./dev build"));
}

}  // namespace
}  // namespace wsfleet
