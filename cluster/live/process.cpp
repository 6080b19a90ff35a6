// SPDX-License-Identifier: Apache-2.0
#include "cluster/live/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <sstream>

#include "core/live_clock.h"
#include "core/stop.h"

extern char** environ;

namespace wsfleet {
namespace {

constexpr int kCannotRun = 127;

std::vector<std::string> environment_of(const ProcessOptions& options) {
  std::vector<std::string> all;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    // What a user has set for a server of his own must not change a pod.
    if (std::string_view(*variable).starts_with("WSFLEET_")) continue;
    all.emplace_back(*variable);
  }
  for (const auto& [name, value] : options.environment) {
    all.push_back(fmt::format("{}={}", name, value));
  }
  return all;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (const std::string& text : texts) all.push_back(const_cast<char*>(text.c_str()));
  all.push_back(nullptr);
  return all;
}

int open_output(const std::string& path) {
  if (path.empty()) return open("/dev/null", O_WRONLY | O_CLOEXEC);
  return open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/// The child's part: only what is safe between fork and exec.
struct Launch {
  char* const* arguments;
  char* const* environment;
  int input;
  int output;
  int errors;
  pid_t parent;
  pid_t group;
  rlimit files;
};

[[noreturn]] void become(const Launch& launch) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != launch.parent) _exit(kCannotRun);
  setpgid(0, launch.group);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  setrlimit(RLIMIT_NOFILE, &launch.files);
  dup2(launch.input, 0);
  dup2(launch.output, 1);
  dup2(launch.errors, 2);
  execve(launch.arguments[0], launch.arguments, launch.environment);
  _exit(kCannotRun);
}

}  // namespace

std::string describe(const ProcessEnd& end) {
  if (!end.by_signal) return fmt::format("exit status {}", end.status);
  return fmt::format("signal {} ({})", end.status, strsignal(end.status));
}

Result<Process> Process::start(const ProcessOptions& options) {
  const std::string& program = options.command.front();
  if (access(program.c_str(), X_OK) != 0) {
    return fail(fmt::format("can't run {}: {}", program, std::strerror(errno)));
  }
  const std::vector<std::string> variables = environment_of(options);
  const std::vector<char*> arguments = pointers(options.command);
  const std::vector<char*> environment = pointers(variables);
  Launch launch{.arguments = arguments.data(),
                .environment = environment.data(),
                .input = open("/dev/null", O_RDONLY | O_CLOEXEC),
                .output = open_output(options.output),
                .errors = open_output(options.errors),
                .parent = getpid(),
                .group = options.group,
                .files = {}};
  getrlimit(RLIMIT_NOFILE, &launch.files);
  launch.files.rlim_cur = launch.files.rlim_max;
  const bool ready = launch.input >= 0 && launch.output >= 0 && launch.errors >= 0;
  const pid_t pid = ready ? fork() : -1;
  if (pid == 0) become(launch);
  const int error = errno;
  for (const int file : {launch.input, launch.output, launch.errors}) {
    if (file >= 0) close(file);
  }
  if (pid < 0) return fail(fmt::format("can't start {}: {}", program, std::strerror(error)));
  return Process(pid);
}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), end_(std::move(other.end_)) {}

Process& Process::operator=(Process&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(end_, other.end_);
  return *this;
}

Process::~Process() {
  if (pid_ > 0) kill();
}

void Process::signal(int number) {
  if (!poll()) ::kill(pid_, number);
}

std::optional<ProcessEnd> Process::poll() {
  if (end_ || pid_ <= 0) return end_;
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
  end_ = WIFEXITED(status) ? ProcessEnd{WEXITSTATUS(status), false}
                           : ProcessEnd{WTERMSIG(status), true};
  return end_;
}

std::optional<ProcessEnd> Process::wait(TimeNs patience) {
  const TimeNs until = monotonic_now() + patience;
  while (!poll() && monotonic_now() < until) ::poll(nullptr, 0, 5);
  return end_;
}

void Process::kill() {
  if (poll()) return;
  ::kill(pid_, SIGKILL);
  wait(kMinute);
}

double Process::cpu_s() const {
  if (end_ || pid_ <= 0) return 0;
  const std::string stat = text_of(fmt::format("/proc/{}/stat", pid_));
  const std::size_t name_end = stat.rfind(')');  // the name may hold anything
  if (name_end == std::string::npos) return 0;
  std::istringstream fields(stat.substr(name_end + 1));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

std::string text_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

std::string last_lines(const std::string& path, std::size_t lines) {
  std::string text = text_of(path);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  std::size_t at = text.size();
  for (std::size_t i = 0; i < lines && at != std::string::npos && at > 0; ++i) {
    at = text.rfind('\n', at - 1);
  }
  return at == std::string::npos || at == 0 ? text : text.substr(at + 1);
}

Result<void> replace_file(const std::string& path, const std::string& text) {
  const std::string beside = path + ".new";
  const int file = open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const bool written =
      file >= 0 && write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const int error = errno;
  if (file >= 0) close(file);
  if (written && std::rename(beside.c_str(), path.c_str()) == 0) return {};
  return fail(fmt::format("can't write {}: {}", path, std::strerror(written ? errno : error)));
}

bool wait_for(const std::function<bool()>& condition, TimeNs patience) {
  const TimeNs until = monotonic_now() + patience;
  while (!condition()) {
    if (monotonic_now() > until || stop_requested()) return false;
    ::poll(nullptr, 0, 5);
  }
  return true;
}

void rest(TimeNs time) { ::poll(nullptr, 0, static_cast<int>(time / kMillisecond)); }

}  // namespace wsfleet
