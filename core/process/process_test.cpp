// SPDX-License-Identifier: Apache-2.0
#include "core/process/process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "core/process/files.h"

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

TEST(Process, AFileThatIsNoProgramIsAnError) {
  const std::string file = testing::TempDir() + "process-no-program";
  ASSERT_TRUE(replace_file(file, "words\n"));
  EXPECT_THAT(Process::start({.command = {file}}).error().message,
              testing::HasSubstr("Permission denied"));
  chmod(file.c_str(), 0700);
  EXPECT_THAT(Process::start({.command = {file}}).error().message,
              testing::HasSubstr("Exec format error"));
}

TEST(Process, RunsWhereItIsToldWithTheInputItIsGiven) {
  const std::string file = testing::TempDir() + "process-input";
  ASSERT_TRUE(replace_file(file, "said\n"));
  ProcessOptions options = shell("read word; echo $word; pwd; ulimit -n");
  options.input = file;
  options.directory = "/usr/bin";
  options.descriptors = 77;
  const auto said = run_program(options, kMinute);
  ASSERT_TRUE(said) << said.error().message;
  EXPECT_EQ(said->output, "said\n/usr/bin\n77\n");
  options.directory = testing::TempDir() + "nowhere";
  EXPECT_FALSE(Process::start(options));
}

TEST(Process, WhatItsParentIgnoresOrHoldsBackReachesIt) {
  std::signal(SIGTERM, SIG_IGN);
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  auto process = Process::start(shell("sleep 600"));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  std::signal(SIGTERM, SIG_DFL);
  ASSERT_TRUE(process);
  process->signal(SIGTERM);
  const auto end = process->wait(kMinute);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->status, SIGTERM);
  EXPECT_EQ(end->shell_status(), 128 + SIGTERM);
}

TEST(Process, HasAGroupOfItsOwnUnlessItIsToldAnother) {
  ProcessOptions options = shell("sleep 600");
  const auto alone = Process::start(options);
  options.group = alone->pid();
  const auto second = Process::start(options);
  options.group = std::nullopt;
  const auto ours = Process::start(options);
  ASSERT_TRUE(alone && second && ours);
  EXPECT_EQ(getpgid(alone->pid()), alone->pid());
  EXPECT_EQ(getpgid(second->pid()), alone->pid());
  EXPECT_EQ(getpgid(ours->pid()), getpgrp());
}

TEST(Process, EndsWithItsObject) {
  pid_t pid = 0;
  {
    const auto process = Process::start(shell("trap '' TERM; sleep 600"));
    ASSERT_TRUE(process);
    pid = process->pid();
  }
  EXPECT_NE(kill(pid, 0), 0);
}

TEST(RunProgram, KeepsWhatWasSaidUpToALimit) {
  const auto said = run_program(shell("printf 123456; printf abc >&2; exit 3"), kMinute, 4);
  ASSERT_TRUE(said);
  EXPECT_EQ(said->output, "1234");
  EXPECT_EQ(said->errors, "abc");
  ASSERT_TRUE(said->end);
  EXPECT_EQ(said->end->status, 3);
}

TEST(RunProgram, KillsWhatDoesNotEndInTime) {
  const auto said = run_program(shell("echo $$; trap '' TERM; sleep 600"), kSecond / 2);
  ASSERT_TRUE(said);
  EXPECT_FALSE(said->end);
  ASSERT_FALSE(said->output.empty());
  EXPECT_NE(kill(std::stoi(said->output), 0), 0);
}

TEST(FindProgram, LooksInPathAndBeyond) {
  EXPECT_THAT(find_program("sh"), testing::EndsWith("/sh"));
  EXPECT_EQ(find_program("./x"), "./x");
  EXPECT_EQ(find_program("no-such-program"), "");
  const std::string folder = testing::TempDir() + "find-program";
  std::filesystem::create_directories(folder);
  std::filesystem::copy_file("/bin/true", folder + "/only-here",
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(find_program("only-here"), "");
  EXPECT_EQ(find_program("only-here", "/nowhere:" + folder), folder + "/only-here");
}

}  // namespace
}  // namespace wsfleet
