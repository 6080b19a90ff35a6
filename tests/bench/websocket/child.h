// SPDX-License-Identifier: Apache-2.0
#pragma once
// A process that is measured: started on a core of its own, read by its pipe and by the kernel's
// accounting, gone at the latest with its parent. One thread only.

#include <sys/types.h>

#include <string>
#include <vector>

#include "core/result.h"
#include "core/time.h"

namespace wsfleet::bench {

/// Servers and clients each have one core; with a single core they share it.
enum class Core { client, server };

/// This thread and what it starts from now on.
void pin_to(Core core);

class Child {
 public:
  /// The program's path and its arguments. Its stderr is this process's.
  static Result<Child> start(const std::vector<std::string>& command, Core core);
  Child(Child&& other) noexcept;
  Child& operator=(Child&&) = delete;
  /// Kills it when it is still there.
  ~Child();

  /// The next line of its stdout.
  Result<std::string> read_line(TimeNs patience);
  /// User and system time of all its threads so far, in nanoseconds: the kernel's run time of the
  /// process, not its ticks.
  Result<TimeNs> cpu_time() const;
  /// What it has resident, shared pages included (Rss of smaps_rollup).
  Result<std::int64_t> resident_bytes() const;

  struct Outcome {
    std::string output;  // what is left of its stdout
    TimeNs cpu = 0;      // of its whole life
  };
  /// Waits for its end, which has to be with status 0.
  Result<Outcome> wait(TimeNs patience);

 private:
  Child(std::string name, pid_t pid, int output);
  Result<bool> read_more(TimeNs deadline);

  std::string name_;
  pid_t pid_;  // 0: it has been waited for
  int output_;
  std::string unread_;
};

}  // namespace wsfleet::bench
