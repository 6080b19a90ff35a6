// SPDX-License-Identifier: Apache-2.0
#include "tests/live/testing/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

extern char** environ;

namespace wsfleet {
namespace {

int memory_file(const char* name) {
  const int file = memfd_create(name, MFD_CLOEXEC);
  if (file < 0) throw std::runtime_error("memfd_create");
  return file;
}

std::string content(int file) {
  std::string text;
  std::array<char, 65536> block;
  for (ssize_t n = 0;
       (n = pread(file, block.data(), block.size(), static_cast<off_t>(text.size()))) > 0;) {
    text.append(block.data(), static_cast<std::size_t>(n));
  }
  return text;
}

/// A test means what it says whatever is set around it.
bool is_server_variable(std::string_view assignment) {
  return assignment.starts_with("WSFLEET_") || assignment.starts_with("MAX_CONNECTIONS=") ||
         assignment.starts_with("POD_NAME=");
}

std::vector<std::string> child_environment(const Environment& added) {
  std::vector<std::string> all;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    if (!is_server_variable(*variable)) all.emplace_back(*variable);
  }
  for (const auto& [name, value] : added) all.push_back(fmt::format("{}={}", name, value));
  return all;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (const std::string& text : texts) all.push_back(const_cast<char*>(text.c_str()));
  all.push_back(nullptr);
  return all;
}

rlimit descriptor_limit(std::size_t wanted) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  if (wanted > 0) limit.rlim_cur = limit.rlim_max = wanted;
  return limit;
}

}  // namespace

ChildProcess::ChildProcess(const std::vector<std::string>& command, const ChildOptions& options)
    : output_(memory_file("stdout")), errors_(memory_file("stderr")) {
  const std::vector<std::string> variables = child_environment(options.environment);
  const std::vector<char*> arguments = pointers(command);
  const std::vector<char*> environment = pointers(variables);
  const rlimit limit = descriptor_limit(options.descriptor_limit);
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ < 0) throw std::runtime_error("fork");
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
    const int nothing = open("/dev/null", O_RDONLY);
    dup2(nothing, 0);
    dup2(output_, 1);
    dup2(errors_, 2);
    if (nothing > 2) close(nothing);
    setrlimit(RLIMIT_NOFILE, &limit);
    execve(arguments.front(), arguments.data(), environment.data());
    dprintf(2, "can't run %s: %s\n", arguments.front(), std::strerror(errno));
    _exit(127);
  }
}

ChildProcess::~ChildProcess() {
  if (running()) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  close(output_);
  close(errors_);
}

void ChildProcess::signal(int number) const {
  if (!status_) kill(pid_, number);
}

bool ChildProcess::running() {
  if (status_) return false;
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) != pid_) return true;
  status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return false;
}

std::optional<int> ChildProcess::wait(TimeNs patience) {
  eventually([this] { return !running(); }, patience);
  return status_;
}

std::string ChildProcess::output() const { return content(output_); }
std::string ChildProcess::errors() const { return content(errors_); }

bool ChildProcess::said(std::string_view text) const {
  return output().find(text) != std::string::npos || errors().find(text) != std::string::npos;
}

bool ChildProcess::says(std::string_view text, TimeNs patience) {
  bool found = false;
  eventually(
      [&] {
        const bool ended = !running();
        found = said(text);
        return found || ended;
      },
      patience);
  return found;
}

std::size_t ChildProcess::open_descriptors() const {
  std::error_code error;
  std::size_t count = 0;
  for (std::filesystem::directory_iterator entry(fmt::format("/proc/{}/fd", pid_), error), end;
       !error && entry != end; entry.increment(error)) {
    ++count;
  }
  return count;
}

std::size_t ChildProcess::resident_bytes() const {
  std::ifstream file(fmt::format("/proc/{}/statm", pid_));
  std::size_t total_pages = 0;
  std::size_t resident_pages = 0;
  file >> total_pages >> resident_pages;
  return resident_pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

TimeNs ChildProcess::processor_time() const {
  std::ifstream file(fmt::format("/proc/{}/stat", pid_));
  std::string text;
  std::getline(file, text);
  // After the name in parentheses: state is field 3, user and system time are 14 and 15.
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;
  TimeNs user = 0;
  TimeNs system = 0;
  fields >> user >> system;
  return (user + system) * (kSecond / sysconf(_SC_CLK_TCK));
}

}  // namespace wsfleet
