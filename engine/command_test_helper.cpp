// SPDX-License-Identifier: Apache-2.0
#include "engine/command_test_helper.h"

#include <fcntl.h>
#include <glob.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace wsfleet {
namespace {

namespace fs = std::filesystem;

constexpr int kPollMs = 5;
constexpr int kMomentMs = 300;
constexpr int kMostPolls = 12'000;  // a minute

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

[[noreturn]] void be_command(const ScratchDirectory& directory, const std::string& captured,
                             const std::vector<std::string>& arguments) {
  const auto redirect = [&](const char* name, int descriptor, int flags) {
    const int file = open((captured + name).c_str(), flags, 0644);
    if (file < 0 || dup2(file, descriptor) < 0) _exit(126);
  };
  redirect("in", STDIN_FILENO, O_RDONLY);
  redirect("out", STDOUT_FILENO, O_WRONLY | O_CREAT | O_TRUNC);
  redirect("err", STDERR_FILENO, O_WRONLY | O_CREAT | O_TRUNC);
  if (chdir(directory.path().c_str()) != 0) _exit(126);
  std::vector<char*> words = {const_cast<char*>("wsfleet")};
  for (const std::string& argument : arguments)
    words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  execv(WSFLEET_PROGRAM, words.data());
  _exit(127);
}

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
  const ScratchDirectory captured;
  captured.write("in", input);
  const pid_t child = fork();
  if (child == 0) be_command(directory, captured.file(""), arguments);
  CommandResult result;
  int status = 0;
  bool stopped = stop_when.empty();
  for (int polls = 0; waitpid(child, &status, WNOHANG) == 0; ++polls) {
    if (!stopped && matches(directory.file(stop_when))) {
      poll(nullptr, 0, kMomentMs);
      kill(child, SIGINT);
      stopped = true;
    }
    if (polls > kMostPolls) {
      kill(child, SIGKILL);
      ADD_FAILURE() << "the command did not end within a minute";
    }
    poll(nullptr, 0, kPollMs);
  }
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  result.out = captured.read("out");
  result.err = captured.read("err");
  return result;
}

}  // namespace

ScratchDirectory::ScratchDirectory() {
  std::string pattern = testing::TempDir() + "wsfleet-XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) ADD_FAILURE() << "no directory " << pattern;
  path_ = pattern;
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code error;
  fs::remove_all(path_, error);
}

void ScratchDirectory::write(const std::string& name, const std::string& text) const {
  std::ofstream(file(name), std::ios::binary) << text;
}

std::string ScratchDirectory::read(const std::string& name) const { return text_of(file(name)); }

bool ScratchDirectory::has(const std::string& name) const { return fs::exists(file(name)); }

std::vector<std::string> ScratchDirectory::names() const {
  std::vector<std::string> all;
  for (const auto& entry : fs::directory_iterator(path_)) {
    all.push_back(entry.path().filename().string());
  }
  std::sort(all.begin(), all.end());
  return all;
}

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
