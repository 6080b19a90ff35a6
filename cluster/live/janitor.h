// SPDX-License-Identifier: Apache-2.0
#pragma once
// Sees to it that nothing is left of a live run, whatever becomes of the harness. A small process
// that leads the process group of everything the harness starts and waits on a pipe: when the
// harness is gone without a word (SIGKILL, a crash), it kills what is left of the group and removes
// the run's directories. Ctrl-C at the terminal reaches the harness only, which ends in order.
// Create it before there are threads.

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "core/result.h"

namespace wsfleet {

class Janitor {
 public:
  /// `directories` are removed with all they hold; control groups among them by rmdir alone.
  static Result<std::unique_ptr<Janitor>> hire(std::vector<std::string> directories);
  /// Does its work as for a lost harness: what is still running is killed, directories go.
  ~Janitor();
  Janitor(const Janitor&) = delete;
  Janitor& operator=(const Janitor&) = delete;

  /// The process group for everything that must not outlive the run.
  pid_t group() const { return pid_; }

 private:
  Janitor(pid_t pid, int pipe) : pid_(pid), pipe_(pipe) {}

  pid_t pid_;
  int pipe_;  // open as long as the harness lives
};

}  // namespace wsfleet
