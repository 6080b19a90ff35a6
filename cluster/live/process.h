// SPDX-License-Identifier: Apache-2.0
#pragma once
// A program that the harness started: a pod's server, a service, a load generator. It dies with the
// thread that started it (PR_SET_PDEATHSIG), so start() belongs to the harness' main thread. It is
// killed and waited for when the object goes. Not thread-safe.

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/time.h"

namespace wsfleet {

struct ProcessOptions {
  std::vector<std::string> command;  // the program's absolute path, and its arguments
  std::vector<std::pair<std::string, std::string>> environment = {};  // added to one's own
  std::string output;  // a file for stdout, appended to; "" for /dev/null
  std::string errors;  // the same for stderr; may be the same file
  pid_t group = 0;     // process group to join; 0: one's own
};

/// How a process ended.
struct ProcessEnd {
  int status = 0;  // exit status, or the signal's number
  bool by_signal = false;
};
/// "exit status 0", "signal 9 (Killed)".
std::string describe(const ProcessEnd& end);

class Process {
 public:
  static Result<Process> start(const ProcessOptions& options);
  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;
  ~Process();

  pid_t pid() const { return pid_; }
  /// Does nothing once it has ended.
  void signal(int number);
  /// How it ended; nothing while it runs.
  std::optional<ProcessEnd> poll();
  /// Waits for its end, `patience` at most.
  std::optional<ProcessEnd> wait(TimeNs patience);
  /// SIGKILL, and waits.
  void kill();
  /// User and system time so far, in seconds; 0 once it has ended.
  double cpu_s() const;

 private:
  explicit Process(pid_t pid) : pid_(pid) {}

  pid_t pid_ = -1;
  std::optional<ProcessEnd> end_;
};

/// The file's text; "" when it can't be read.
std::string text_of(const std::string& path);
/// Its last lines, for an error message.
std::string last_lines(const std::string& path, std::size_t lines = 5);
/// A file that is there whole or as it was: written beside its place, then renamed.
Result<void> replace_file(const std::string& path, const std::string& text);
/// Waits for `condition`, asking every few milliseconds; false when `patience` ran out or the user
/// stopped the run.
bool wait_for(const std::function<bool()>& condition, TimeNs patience);
/// Does nothing for so long.
void rest(TimeNs time);

}  // namespace wsfleet
