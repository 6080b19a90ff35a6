// SPDX-License-Identifier: Apache-2.0
#include "cluster/live/janitor.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <sstream>
#include <system_error>

namespace wsfleet {
namespace {

namespace fs = std::filesystem;

/// Processes of `group` but its leader.
std::vector<pid_t> members_of(pid_t group) {
  std::vector<pid_t> members;
  DIR* directory = opendir("/proc");
  if (directory == nullptr) return members;
  while (const dirent* entry = readdir(directory)) {
    const pid_t pid = static_cast<pid_t>(std::strtol(entry->d_name, nullptr, 10));
    if (pid > 0 && pid != group && getpgid(pid) == group) members.push_back(pid);
  }
  closedir(directory);
  return members;
}

/// Killed ones stay in the group until their parent has waited for them: a bounded number of looks.
void kill_members(pid_t group) {
  for (int look = 0; look < 200; ++look) {
    const std::vector<pid_t> members = members_of(group);
    if (members.empty()) return;
    for (const pid_t pid : members) kill(pid, SIGKILL);
    poll(nullptr, 0, 10);
  }
}

/// The files of a control group can't be removed, its directories can.
void remove_control_groups(const fs::path& directory) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(directory, ignored)) {
    if (entry.is_directory(ignored)) rmdir(entry.path().c_str());
  }
  rmdir(directory.c_str());
}

void remove_directory(const std::string& directory) {
  if (directory.starts_with("/sys/")) return remove_control_groups(directory);
  std::error_code ignored;
  fs::remove_all(directory, ignored);
}

[[noreturn]] void work(int pipe, const std::vector<std::string>& directories) {
  setpgid(0, 0);
  prctl(PR_SET_NAME, "wsfleet-janitor");
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) signal(number, SIG_IGN);
  for (int file = 0; file < 1024; ++file) {
    if (file != pipe && file != 2) close(file);
  }
  char byte = 0;
  while (read(pipe, &byte, 1) < 0 && errno == EINTR) {
  }
  kill_members(getpid());
  for (const std::string& directory : directories) remove_directory(directory);
  _exit(0);
}

}  // namespace

Result<std::unique_ptr<Janitor>> Janitor::hire(std::vector<std::string> directories) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    return fail(fmt::format("no pipe to the janitor: {}", std::strerror(errno)));
  }
  const pid_t pid = fork();
  if (pid == 0) {
    close(ends[1]);
    work(ends[0], directories);
  }
  close(ends[0]);
  if (pid < 0) {
    close(ends[1]);
    return fail(fmt::format("can't start the janitor: {}", std::strerror(errno)));
  }
  setpgid(pid, pid);  // whoever comes first; children join the group at once
  return std::unique_ptr<Janitor>(new Janitor(pid, ends[1]));
}

Janitor::~Janitor() {
  close(pipe_);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace wsfleet
