// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/websocket/child.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <utility>

#include "core/live/live_clock.h"
#include "tests/bench/websocket/loopback.h"

namespace wsfleet::bench {
namespace {

/// The cores that this process could use when it was started.
const std::vector<std::size_t>& cores() {
  static const std::vector<std::size_t> kCores = [] {
    std::vector<std::size_t> all;
    cpu_set_t set;
    CPU_ZERO(&set);
    sched_getaffinity(0, sizeof set, &set);
    for (std::size_t core = 0; core < CPU_SETSIZE; ++core) {
      if (CPU_ISSET(core, &set)) all.push_back(core);
    }
    return all;
  }();
  return kCores;
}

[[noreturn]] void become(const std::vector<std::string>& command, Core core, int output,
                         pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) std::_Exit(1);
  pin_to(core);
  dup2(output, STDOUT_FILENO);
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  execv(arguments.front(), arguments.data());
  std::perror(arguments.front());
  std::_Exit(127);
}

TimeNs nanoseconds(const timeval& time) {
  return time.tv_sec * kSecond + time.tv_usec * kMicrosecond;
}

}  // namespace

void pin_to(Core core) {
  if (cores().size() < 2) return;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core == Core::client ? cores().front() : cores().back(), &set);
  sched_setaffinity(0, sizeof set, &set);
}

Result<Child> Child::start(const std::vector<std::string>& command, Core core) {
  const std::string& path = command.front();
  if (!std::filesystem::exists(path)) {
    return fail(ErrorKind::unavailable, path + " does not exist");
  }
  cores();  // before anything is pinned
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return tl::unexpected(system_error("pipe2"));
  const pid_t parent = getpid();
  std::fflush(nullptr);  // or the child would print it again
  const pid_t pid = fork();
  if (pid == 0) become(command, core, ends[1], parent);
  close(ends[1]);
  if (pid < 0) {
    close(ends[0]);
    return tl::unexpected(system_error("fork"));
  }
  return Child(std::filesystem::path(path).filename().string(), pid, ends[0]);
}

Child::Child(std::string name, pid_t pid, int output)
    : name_(std::move(name)), pid_(pid), output_(output) {}

Child::Child(Child&& other) noexcept
    : name_(std::move(other.name_)),
      pid_(std::exchange(other.pid_, 0)),
      output_(std::exchange(other.output_, -1)),
      unread_(std::move(other.unread_)) {}

Child::~Child() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  if (output_ >= 0) close(output_);
}

/// False at the end of its output.
Result<bool> Child::read_more(TimeNs deadline) {
  pollfd watched{output_, POLLIN, 0};
  const TimeNs left = std::max<TimeNs>(0, deadline - monotonic_now());
  if (poll(&watched, 1, static_cast<int>(left / kMillisecond)) == 0) {
    return fail(name_ + " takes too long");
  }
  std::array<char, 65536> block;
  const ssize_t came = read(output_, block.data(), block.size());
  if (came < 0 && errno != EINTR) return tl::unexpected(system_error("read"));
  if (came > 0) unread_.append(block.data(), static_cast<std::size_t>(came));
  return came != 0;
}

Result<std::string> Child::read_line(TimeNs patience) {
  const TimeNs deadline = monotonic_now() + patience;
  while (true) {
    const std::size_t end = unread_.find('\n');
    if (end != std::string::npos) {
      std::string line = unread_.substr(0, end);
      unread_.erase(0, end + 1);
      return line;
    }
    const auto more = read_more(deadline);
    if (!more) return tl::unexpected(more.error());
    if (!*more) return fail(name_ + " ended before it was ready");
  }
}

Result<TimeNs> Child::cpu_time() const {
  clockid_t clock = 0;
  timespec time{};
  if (clock_getcpuclockid(pid_, &clock) != 0 || clock_gettime(clock, &time) != 0) {
    return fail(name_ + " has no CPU clock any more");
  }
  return time.tv_sec * kSecond + time.tv_nsec;
}

Result<std::int64_t> Child::resident_bytes() const {
  std::ifstream file("/proc/" + std::to_string(pid_) + "/smaps_rollup");
  for (std::string line; std::getline(file, line);) {
    if (line.compare(0, 4, "Rss:") == 0) return std::stoll(line.substr(4)) * 1024;
  }
  return fail("no Rss for " + name_ + " in /proc");
}

Result<Child::Outcome> Child::wait(TimeNs patience) {
  const TimeNs deadline = monotonic_now() + patience;
  while (true) {
    const auto more = read_more(deadline);
    if (!more) return tl::unexpected(more.error());
    if (!*more) break;
  }
  int status = 0;
  rusage usage{};
  if (wait4(pid_, &status, 0, &usage) != pid_) return tl::unexpected(system_error("wait4"));
  pid_ = 0;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return fail(name_ + " failed: " + (WIFEXITED(status) ? "status " : "wait status ") +
                std::to_string(WIFEXITED(status) ? WEXITSTATUS(status) : status));
  }
  return Outcome{std::move(unread_), nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime)};
}

}  // namespace wsfleet::bench
