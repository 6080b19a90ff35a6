// SPDX-License-Identifier: Apache-2.0
#include "loadgen/live/testing/child_process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <sstream>

#include "core/live_clock.h"

namespace wsfleet {
namespace {

constexpr TimeNs kLongWait = 60 * kSecond;
constexpr TimeNs kWait = 30 * kSecond;

void pause_a_little() { poll(nullptr, 0, 10); }

void become(const std::vector<std::string>& words, const std::string& path, int descriptors) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int out = open((path + ".out").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const int err = open((path + ".err").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  close(out);
  close(err);
  if (descriptors > 0) {
    const rlimit limit{static_cast<rlim_t>(descriptors), static_cast<rlim_t>(descriptors)};
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  execv(arguments[0], arguments.data());
  _exit(127);
}

}  // namespace

std::string scratch_path(const std::string& name) {
  static int files = 0;
  return testing::TempDir() + "wsfleet-" + std::to_string(getpid()) + "-" +
         std::to_string(files++) + "-" + name;
}

std::string read_file(const std::string& path) {
  std::ifstream stream(path);
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

void write_file(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

ChildProcess::ChildProcess(const std::vector<std::string>& words, int descriptors)
    : path_(scratch_path("child")) {
  pid_ = fork();
  if (pid_ == 0) become(words, path_, descriptors);
}

ChildProcess::~ChildProcess() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  unlink((path_ + ".out").c_str());
  unlink((path_ + ".err").c_str());
}

void ChildProcess::signal(int number) {
  if (pid_ > 0) kill(pid_, number);
}

int ChildProcess::wait() {
  const TimeNs deadline = monotonic_now() + kLongWait;
  while (pid_ > 0 && monotonic_now() < deadline) {
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    } else {
      pause_a_little();
    }
  }
  return status_;
}

std::string ChildProcess::output() const { return read_file(path_ + ".out"); }
std::string ChildProcess::errors() const { return read_file(path_ + ".err"); }

std::string ChildProcess::wait_for(const std::string& text, bool on_stderr) {
  const TimeNs deadline = monotonic_now() + kWait;
  while (monotonic_now() < deadline) {
    const std::string found = on_stderr ? errors() : output();
    if (found.find(text) != std::string::npos) return found;
    pause_a_little();
  }
  ADD_FAILURE() << "no '" << text << "' in:\n" << output() << errors();
  return "";
}

namespace {

std::vector<std::string> server_words(const std::vector<std::string>& options, int port) {
  std::vector<std::string> words = {WSFLEET_SERVER, "--listen", "127.0.0.1", "--port",
                                    std::to_string(port)};
  words.insert(words.end(), options.begin(), options.end());
  return words;
}

}  // namespace

ServerProcess::ServerProcess(std::vector<std::string> options, int port)
    : process_(server_words(options, port)) {
  const std::string marker = "listening on 127.0.0.1:";
  const std::string line = process_.wait_for(marker);
  const std::size_t at = line.find(marker);
  if (at != std::string::npos) port_ = std::atoi(line.c_str() + at + marker.size());
}

std::string ServerProcess::url(const std::string& path) const {
  return "ws://127.0.0.1:" + std::to_string(port_) + path;
}

}  // namespace wsfleet
