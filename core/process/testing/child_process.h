// SPDX-License-Identifier: Apache-2.0
#pragma once
// A program under test or a peer, as a child of this process: its output is caught in memory (it
// can write any amount without anyone reading), and it is gone when the object is, or when this
// process dies. Trouble in starting it is a std::runtime_error, which fails the test. One thread.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/process/process.h"
#include "core/process/testing/wait.h"
#include "core/time.h"

namespace wsfleet {

using Environment = std::vector<std::pair<std::string, std::string>>;

struct ChildOptions {
  Environment environment = {};      // added to this process's own
  std::size_t descriptor_limit = 0;  // open files; 0: as many as this process may have
  std::string directory = {};        // to run in; "" for this process's
  std::string input = {};            // a file for stdin; "" for none
};

class ChildProcess {
 public:
  /// `command`: the program's path and its arguments.
  explicit ChildProcess(const std::vector<std::string>& command, const ChildOptions& options = {});
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return process_->pid(); }
  void signal(int number);
  bool running();
  /// Its exit status, or 128 + the signal that ended it; nothing when it still runs.
  std::optional<int> wait(TimeNs patience = kMinute);

  std::string output() const;  // stdout so far
  std::string errors() const;  // stderr so far
  /// Waits for `text` in stdout or stderr; false when it ends or time runs out without.
  bool says(std::string_view text, TimeNs patience = kPatience);

  std::size_t open_descriptors() const;
  std::size_t resident_bytes() const;
  TimeNs processor_time() const { return from_seconds(process_->cpu_s()); }

 private:
  bool said(std::string_view text) const;

  int output_;
  int errors_;
  std::optional<Process> process_;
};

}  // namespace wsfleet
