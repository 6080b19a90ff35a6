// SPDX-License-Identifier: Apache-2.0
#include "cluster/live/janitor.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "core/process/process.h"
#include "core/process/waiting.h"

namespace wsfleet {
namespace {

TEST(Janitor, KillsWhatIsLeftAndRemovesTheDirectories) {
  std::string directory = testing::TempDir() + "janitor-XXXXXX";
  ASSERT_NE(mkdtemp(directory.data()), nullptr);
  auto janitor = Janitor::hire({directory});
  ASSERT_TRUE(janitor);
  ProcessOptions options;
  options.command = {"/bin/sh", "-c", "sleep 600 & wait"};  // a grandchild, too
  options.group = (*janitor)->group();
  options.output = directory + "/output";
  auto process = Process::start(options);
  ASSERT_TRUE(process);
  EXPECT_FALSE(process->poll());
  const pid_t group = (*janitor)->group();
  janitor->reset();
  const auto end = process->wait(kMinute);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->status, SIGKILL);
  EXPECT_FALSE(std::filesystem::exists(directory));
  EXPECT_TRUE(wait_for([group] { return kill(-group, 0) != 0; }, kMinute));
}

}  // namespace
}  // namespace wsfleet
