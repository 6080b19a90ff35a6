// SPDX-License-Identifier: Apache-2.0
// The executable `wsfleet-loadgen`: a run or a merge, its outputs, its exit status.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>

#include "core/log.h"
#include "core/stop.h"
#include "loadgen/live/load_outputs.h"
#include "loadgen/live/load_run.h"
#include "loadgen/live/merge_reports.h"

namespace wsfleet {
namespace {

constexpr int kThresholdMissed = 99;

int status_of(const LoadReport& report) {
  if (report.stopped) return exit_status(ErrorKind::stopped);
  const auto& thresholds = report.thresholds;
  return std::all_of(thresholds.begin(), thresholds.end(),
                     [](const ThresholdResult& threshold) { return threshold.met; })
             ? 0
             : kThresholdMissed;
}

int tell(const Error& error) {
  log_error(error.message);
  return exit_status(error.kind);
}

int loadgen(int argc, char** argv) {
  LoadCommand command = read_load_command(argc, argv);
  if (command.kind == LoadCommand::Kind::none) return command.exit_status;
  LoadOptions& options = command.options;
  const char* no_color = std::getenv("NO_COLOR");
  if ((no_color != nullptr && *no_color != '\0') || isatty(STDOUT_FILENO) == 0) {
    options.color = false;
  }
  if (options.quiet) set_log_level(LogLevel::error);
  std::signal(SIGPIPE, SIG_IGN);
  install_stop_handlers();
  auto report = command.kind == LoadCommand::Kind::merge
                    ? merge_reports(command.merge_files, options.thresholds)
                    : run_load(options);
  if (!report) return tell(report.error());
  if (const auto written = write_outputs(*report, options); !written) {
    return tell(written.error());
  }
  return status_of(*report);
}

}  // namespace
}  // namespace wsfleet

int main(int argc, char** argv) { return wsfleet::loadgen(argc, argv); }
