// SPDX-License-Identifier: Apache-2.0
#pragma once
// The one way to start a program: a pod's server, a service, a load generator, a plugin, a program
// under test. It dies with the thread that started it (PR_SET_PDEATHSIG): that thread has to live
// as long as the program. It is killed and waited for when the object goes. Not thread-safe.

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/time.h"

namespace wsfleet {

struct ProcessOptions {
  std::vector<std::string> command;  // the program's path, and its arguments
  std::vector<std::pair<std::string, std::string>> environment = {};  // over one's own
  std::string output = {};         // a file for stdout, appended to; "" for /dev/null
  std::string errors = {};         // the same for stderr; may be the same file
  std::optional<pid_t> group = 0;  // process group to join; 0: a new one; nothing: one's own
  std::string input = {};          // a file for stdin; "" for /dev/null
  std::string directory = {};      // to run in; "" for one's own
  int output_to = -1;              // a descriptor instead of the file
  int errors_to = -1;
  std::size_t descriptors = 0;  // files that it may have open; 0: as many as this process may
  // Variables that begin so are not passed on: what a user has set for a program of his own would
  // change a pod, and a token is nobody else's.
  std::vector<std::string> without = {"WSFLEET_"};
};

/// How a process ended.
struct ProcessEnd {
  int status = 0;  // exit status, or the signal's number
  bool by_signal = false;

  /// As a shell has it: 128 + the signal's number.
  int shell_status() const { return by_signal ? 128 + status : status; }
};
/// "exit status 0", "signal 9 (Killed)".
std::string describe(const ProcessEnd& end);

class Process {
 public:
  /// Returns when it runs. An Error names the program and says why it does not.
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

/// What a program said, all of it, and how it ended.
struct ProgramOutput {
  std::optional<ProcessEnd> end;  // nothing: it was not over in time, and was killed
  std::string output;
  std::string errors;
};
/// Runs it to its end, `within` at most; of each output the first `most` bytes are kept.
Result<ProgramOutput> run_program(ProcessOptions options, TimeNs within,
                                  std::size_t most = 1 << 20);

/// The program's path: `name` itself where it has a '/', else the first one in PATH and in
/// `beyond` ("/usr/sbin:/sbin"); "" when there is none.
std::string find_program(const std::string& name, const std::string& beyond = "");

}  // namespace wsfleet
