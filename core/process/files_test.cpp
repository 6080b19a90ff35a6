// SPDX-License-Identifier: Apache-2.0
#include "core/process/files.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace wsfleet {
namespace {

TEST(Files, LastLinesAreTheLast) {
  const std::string file = testing::TempDir() + "files-lines";
  ASSERT_TRUE(replace_file(file, "1\n2\n3\n4\n"));
  EXPECT_EQ(last_lines(file, 2), "3\n4");
  EXPECT_EQ(last_lines(file, 9), "1\n2\n3\n4");
}

TEST(Files, OneThatCannotBeReplacedStaysAsItWas) {
  const std::string file = testing::TempDir() + "files-replaced";
  ASSERT_TRUE(replace_file(file, "old"));
  std::filesystem::create_directory(file + ".new");
  EXPECT_FALSE(replace_file(file, "new"));
  EXPECT_EQ(text_of(file), "old");
  std::filesystem::remove(file + ".new");
  EXPECT_TRUE(replace_file(file, "new"));
  EXPECT_EQ(text_of(file), "new");
}

}  // namespace
}  // namespace wsfleet
