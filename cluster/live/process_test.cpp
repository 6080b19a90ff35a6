// SPDX-License-Identifier: Apache-2.0
#include "cluster/live/process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "cluster/live/janitor.h"

namespace wsfleet {
namespace {

ProcessOptions shell(const std::string& script) {
  ProcessOptions options;
  options.command = {"/bin/sh", "-c", script};
  return options;
}

TEST(Process, SaysHowItEnded) {
  auto process = Process::start(shell("exit 7"));
  ASSERT_TRUE(process);
  const auto end = process->wait(kMinute);
  ASSERT_TRUE(end);
  EXPECT_EQ(describe(*end), "exit status 7");
}

TEST(Process, ASignalIsNoExitStatus) {
  auto process = Process::start(shell("kill -TERM $$"));
  ASSERT_TRUE(process);
  const auto end = process->wait(kMinute);
  ASSERT_TRUE(end);
  EXPECT_TRUE(end->by_signal);
  EXPECT_EQ(end->status, SIGTERM);
}

TEST(Process, OutputGoesToItsFileAndTheEnvironmentIsPassedOn) {
  const std::string file = testing::TempDir() + "process-output";
  std::filesystem::remove(file);
  ProcessOptions options = shell("echo \"$WORD\"; echo \"${WSFLEET_MODE:-unset}\" >&2");
  setenv("WSFLEET_MODE", "broadcast", 1);
  options.environment = {{"WORD", "hello"}};
  options.output = options.errors = file;
  auto process = Process::start(options);
  unsetenv("WSFLEET_MODE");
  ASSERT_TRUE(process);
  process->wait(kMinute);
  EXPECT_EQ(text_of(file), "hello\nunset\n");
}

TEST(Process, AProgramThatIsNotThereIsAnError) {
  ProcessOptions options;
  options.command = {testing::TempDir() + "no-such-program"};
  const auto process = Process::start(options);
  ASSERT_FALSE(process);
  EXPECT_THAT(process.error().message, testing::HasSubstr("no-such-program"));
}

TEST(Process, LastLinesAreTheLast) {
  const std::string file = testing::TempDir() + "process-lines";
  std::filesystem::remove(file);
  ProcessOptions options = shell("for i in 1 2 3 4; do echo $i; done");
  options.output = file;
  Process::start(options)->wait(kMinute);
  EXPECT_EQ(last_lines(file, 2), "3\n4");
  EXPECT_EQ(last_lines(file, 9), "1\n2\n3\n4");
}

TEST(Janitor, KillsWhatIsLeftAndRemovesTheDirectories) {
  std::string directory = testing::TempDir() + "janitor-XXXXXX";
  ASSERT_NE(mkdtemp(directory.data()), nullptr);
  auto janitor = Janitor::hire({directory});
  ASSERT_TRUE(janitor);
  ProcessOptions options = shell("sleep 600 & wait");  // a grandchild, too
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
