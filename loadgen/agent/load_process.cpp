// SPDX-License-Identifier: Apache-2.0
#include "loadgen/agent/load_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>
#include <vector>

extern char** environ;

namespace wsfleet {
namespace {

namespace fs = std::filesystem;

constexpr int kCannotRun = 127;

/// The agent's own variables, its token among them, are nobody else's.
std::vector<char*> childs_environment() {
  std::vector<char*> kept;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    if (!std::string_view(*variable).starts_with("WSFLEET_")) kept.push_back(*variable);
  }
  kept.push_back(nullptr);
  return kept;
}

struct Launch {
  char* const* arguments;
  char* const* environment;
  const char* directory;
  int input;
  int output;
  pid_t parent;
};

/// The child's part: only what is safe between fork and exec.
[[noreturn]] void become(const Launch& launch) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != launch.parent || chdir(launch.directory) != 0) _exit(kCannotRun);
  for (const int number : {SIGTERM, SIGINT, SIGPIPE}) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  dup2(launch.input, 0);
  dup2(launch.output, 1);
  dup2(launch.output, 2);
  execve(launch.arguments[0], launch.arguments, launch.environment);
  _exit(kCannotRun);
}

Result<void> write_file(const fs::path& path, const std::string& text) {
  std::ofstream stream(path, std::ios::binary);
  stream << text;
  stream.close();
  if (stream) return {};
  return fail(fmt::format("can't write the file {}: {}", path.filename().string(),
                          std::generic_category().message(errno)));
}

}  // namespace

LoadProcess::~LoadProcess() {
  kill();
  remove_directory();
}

Result<void> LoadProcess::start(const StartRequest& request) {
  if (access(program_.c_str(), X_OK) != 0) {
    return fail(fmt::format("can't run {}: {}", program_, std::strerror(errno)));
  }
  if (auto prepared = prepare(request); !prepared) {
    remove_directory();
    return prepared;
  }
  std::vector<std::string> words = {program_};
  words.insert(words.end(), request.arguments.begin(), request.arguments.end());
  words.insert(words.end(), {"--json", kReportFile});
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const std::vector<char*> environment = childs_environment();
  const std::string log = log_path();
  const Launch launch{.arguments = arguments.data(),
                      .environment = environment.data(),
                      .directory = directory_.c_str(),
                      .input = open("/dev/null", O_RDONLY | O_CLOEXEC),
                      .output = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600),
                      .parent = getpid()};
  // Until the child has set its handlers back, a signal to it would seem to be one to the agent:
  // they write to a pipe that both have.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &before);
  const pid_t pid = launch.input >= 0 && launch.output >= 0 ? fork() : -1;
  if (pid == 0) become(launch);
  const int error = errno;
  sigprocmask(SIG_SETMASK, &before, nullptr);
  for (const int file : {launch.input, launch.output}) {
    if (file >= 0) close(file);
  }
  if (pid < 0) {
    remove_directory();
    return fail(fmt::format("can't start {}: {}", program_, std::strerror(error)));
  }
  pid_ = pid;
  return {};
}

Result<void> LoadProcess::prepare(const StartRequest& request) {
  std::error_code error;
  directory_ = (fs::temp_directory_path(error) / "wsfleet-loadgen-XXXXXX").string();
  if (error || mkdtemp(directory_.data()) == nullptr) {
    const std::string message = fmt::format("no temporary directory can be made: {}", directory_);
    directory_.clear();
    return fail(message);
  }
  for (const auto& [name, text] : request.files) {
    if (auto written = write_file(fs::path(directory_) / name, text); !written) return written;
  }
  return {};
}

void LoadProcess::stop() {
  if (!running() || told_to_stop_) return;
  told_to_stop_ = true;
  ::kill(pid_, SIGTERM);
}

void LoadProcess::kill() {
  if (!running()) return;
  ::kill(pid_, SIGKILL);
  int status = 0;
  if (waitpid(pid_, &status, 0) == pid_) exit_status_ = 128 + SIGKILL;
  pid_ = -1;
}

void LoadProcess::look() {
  int status = 0;
  if (!running() || waitpid(pid_, &status, WNOHANG) != pid_) return;
  pid_ = -1;
  exit_status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string LoadProcess::path_of(const char* name) const {
  return directory_.empty() ? "" : directory_ + "/" + name;
}

void LoadProcess::remove_directory() {
  std::error_code ignored;
  if (!directory_.empty()) fs::remove_all(directory_, ignored);
  directory_.clear();
}

}  // namespace wsfleet
