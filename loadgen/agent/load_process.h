// SPDX-License-Identifier: Apache-2.0
#pragma once
// The load generator as an agent's child: its directory, its start, its end. It dies with the
// thread that started it, whatever ends that.

#include <optional>
#include <string>

#include "core/process/process.h"
#include "core/result.h"
#include "loadgen/agent/start_request.h"

namespace wsfleet {

class LoadProcess {
 public:
  explicit LoadProcess(std::string program) : program_(std::move(program)) {}
  /// Ends the child and removes the directory.
  ~LoadProcess();
  LoadProcess(const LoadProcess&) = delete;
  LoadProcess& operator=(const LoadProcess&) = delete;

  /// Writes the files into a new directory and starts the program there with the arguments and
  /// `--json report.json`. After an error it may be tried again.
  Result<void> start(const StartRequest& request);
  bool running() const { return process_ && !exit_status_; }
  /// SIGTERM, once: a second one would keep it from writing its report.
  void stop();
  void kill();
  /// Looks whether it has ended.
  void look();
  /// Its exit status, 128 + signal when that ended it; nothing before its end.
  std::optional<int> exit_status() const { return exit_status_; }

  /// Paths; "" before the start.
  std::string report_path() const { return path_of(kReportFile); }
  std::string log_path() const { return path_of(kLogFile); }

 private:
  Result<void> prepare(const StartRequest& request);
  std::string path_of(const char* name) const;
  void remove_directory();

  std::string program_;
  std::string directory_;
  std::optional<Process> process_;
  bool told_to_stop_ = false;
  std::optional<int> exit_status_;
};

}  // namespace wsfleet
