// SPDX-License-Identifier: Apache-2.0
#include "engine/testing/command.h"

#include <glob.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "core/process/testing/child_process.h"

namespace wsfleet {
namespace {

namespace fs = std::filesystem;

constexpr TimeNs kMoment = 300 * kMillisecond;

/// A file that the pattern finds and that has something in it.
bool matches(const std::string& pattern) {
  glob_t found{};
  bool any = false;
  if (glob(pattern.c_str(), 0, nullptr, &found) == 0) {
    for (std::size_t i = 0; i < found.gl_pathc; ++i) {
      std::error_code error;
      const auto size = fs::file_size(found.gl_pathv[i], error);
      any = any || (!error && size > 0);
    }
  }
  globfree(&found);
  return any;
}

CommandResult run(const ScratchDirectory& directory, const std::vector<std::string>& arguments,
                  const std::string& input, const std::string& stop_when) {
  const ScratchDirectory given;
  given.write("input", input);
  std::vector<std::string> words = {WSFLEET_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  ChildProcess command(words, {.directory = directory.path(), .input = given.file("input")});
  if (!stop_when.empty()) {
    const auto there = [&] { return !command.running() || matches(directory.file(stop_when)); };
    eventually(there, kMinute);
    pause_for(kMoment);
    command.signal(SIGINT);
  }
  const auto status = command.wait(kMinute);
  if (!status) ADD_FAILURE() << "the command did not end within a minute";
  return {status.value_or(-1), command.output(), command.errors()};
}

}  // namespace

CommandResult wsfleet(const ScratchDirectory& directory, const std::vector<std::string>& arguments,
                      const std::string& input) {
  return run(directory, arguments, input, "");
}

CommandResult wsfleet_interrupted(const ScratchDirectory& directory,
                                  const std::vector<std::string>& arguments,
                                  const std::string& when_exists) {
  return run(directory, arguments, "", when_exists);
}

}  // namespace wsfleet
