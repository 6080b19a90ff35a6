// SPDX-License-Identifier: Apache-2.0
#include "core/process/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <sstream>
#include <string_view>

#include "core/live/live_clock.h"
#include "core/process/files.h"
#include "core/process/waiting.h"

extern char** environ;

namespace wsfleet {
namespace {

constexpr int kCannotRun = 127;

std::vector<std::string> environment_of(const ProcessOptions& options) {
  std::map<std::string, std::string> all;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text(*variable);
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    const auto begins_so = [&](const std::string& start) { return text.starts_with(start); };
    if (std::any_of(options.without.begin(), options.without.end(), begins_so)) continue;
    all[std::string(text.substr(0, equals))] = text.substr(equals + 1);
  }
  for (const auto& [name, value] : options.environment) all[name] = value;
  std::vector<std::string> entries;
  for (const auto& [name, value] : all) entries.push_back(fmt::format("{}={}", name, value));
  return entries;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (const std::string& text : texts) all.push_back(const_cast<char*>(text.c_str()));
  all.push_back(nullptr);
  return all;
}

/// Closes it when it goes.
class File {
 public:
  explicit File(int number) : number_(number) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() { close_now(); }
  int number() const { return number_; }
  void close_now() {
    if (number_ >= 0) close(std::exchange(number_, -1));
  }

 private:
  int number_;
};

int open_input(const std::string& path) {
  return open(path.empty() ? "/dev/null" : path.c_str(), O_RDONLY | O_CLOEXEC);
}

int open_output(const std::string& path, int given) {
  if (given >= 0) return fcntl(given, F_DUPFD_CLOEXEC, 0);
  if (path.empty()) return open("/dev/null", O_WRONLY | O_CLOEXEC);
  return open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/// The child's part: only what is safe between fork and exec.
struct Launch {
  char* const* arguments;
  char* const* environment;
  const char* directory;
  int input;
  int output;
  int errors;
  int trouble;  // where errno goes; closed by exec
  pid_t parent;
  std::optional<pid_t> group;
  rlimit files;
};

[[noreturn]] void give_up(const Launch& launch) {
  const int error = errno;
  [[maybe_unused]] const ssize_t told = write(launch.trouble, &error, sizeof error);
  _exit(kCannotRun);
}

[[noreturn]] void become(const Launch& launch) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != launch.parent) _exit(kCannotRun);
  if (launch.group) setpgid(0, *launch.group);
  if (*launch.directory != '\0' && chdir(launch.directory) != 0) give_up(launch);
  for (const int number : {SIGTERM, SIGINT, SIGPIPE, SIGCHLD}) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  setrlimit(RLIMIT_NOFILE, &launch.files);
  dup2(launch.input, STDIN_FILENO);
  dup2(launch.output, STDOUT_FILENO);
  dup2(launch.errors, STDERR_FILENO);
  execve(launch.arguments[0], launch.arguments, launch.environment);
  give_up(launch);
}

rlimit files_limit(std::size_t wanted) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  if (wanted > 0) limit.rlim_cur = limit.rlim_max = wanted;
  return limit;
}

/// Until the child has set its handlers back, a signal to it would seem to be one to its parent:
/// they may write to a pipe that both have.
pid_t fork_and_become(const Launch& launch) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = fork();
  if (pid == 0) become(launch);
  const int error = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return pid;
}

}  // namespace

std::string describe(const ProcessEnd& end) {
  if (!end.by_signal) return fmt::format("exit status {}", end.status);
  return fmt::format("signal {} ({})", end.status, strsignal(end.status));
}

Result<Process> Process::start(const ProcessOptions& options) {
  const std::string& program = options.command.front();
  const auto trouble = [&](int error) {
    return fail(fmt::format("can't run {}: {}", program, std::strerror(error)));
  };
  const std::vector<std::string> variables = environment_of(options);
  const std::vector<char*> arguments = pointers(options.command);
  const std::vector<char*> environment = pointers(variables);
  const File input(open_input(options.input));
  if (input.number() < 0) return trouble(errno);
  const File output(open_output(options.output, options.output_to));
  if (output.number() < 0) return trouble(errno);
  const File errors(open_output(options.errors, options.errors_to));
  if (errors.number() < 0) return trouble(errno);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return trouble(errno);
  const File said(ends[0]);
  File told(ends[1]);
  const pid_t pid = fork_and_become({.arguments = arguments.data(),
                                     .environment = environment.data(),
                                     .directory = options.directory.c_str(),
                                     .input = input.number(),
                                     .output = output.number(),
                                     .errors = errors.number(),
                                     .trouble = told.number(),
                                     .parent = getpid(),
                                     .group = options.group,
                                     .files = files_limit(options.descriptors)});
  if (pid < 0) return trouble(errno);
  told.close_now();
  Process process(pid);
  int error = 0;
  ssize_t size = 0;
  while ((size = read(said.number(), &error, sizeof error)) < 0 && errno == EINTR) {
  }
  if (size == sizeof error) return trouble(error);
  return process;
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
  while (!poll() && monotonic_now() < until) rest(5 * kMillisecond);
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

std::string find_program(const std::string& name, const std::string& beyond) {
  namespace fs = std::filesystem;
  if (name.find('/') != std::string::npos) return name;
  const char* variable = std::getenv("PATH");
  const std::string path =
      fmt::format("{}:{}", variable != nullptr ? variable : "/usr/bin:/bin", beyond);
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t end = std::min(path.find(':', at), path.size());
    const fs::path candidate = fs::path(path.substr(at, end - at)) / name;
    std::error_code ignored;
    if (candidate.is_absolute() && fs::is_regular_file(candidate, ignored) &&
        access(candidate.c_str(), X_OK) == 0) {
      return candidate.string();
    }
    at = end + 1;
  }
  return {};
}

}  // namespace wsfleet
