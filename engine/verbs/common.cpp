// SPDX-License-Identifier: Apache-2.0
#include "engine/verbs/common.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "core/log.h"
#include "engine/command_line/progress.h"

namespace wsfleet {

int tell(const Error& error) {
  log_error(error.message);
  return exit_status(error.kind);
}

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

std::optional<int> tell_problems(const Plan& plan) {
  for (const std::string& warning : plan.warnings) log_warning(warning);
  if (plan.diagnostics.empty()) return std::nullopt;
  std::fprintf(stderr, "%s\n", render(plan.diagnostics).c_str());
  log_error(fmt::format("{} mistake{}; nothing was run", plan.diagnostics.size(),
                        plan.diagnostics.size() == 1 ? "" : "s"));
  return exit_status(ErrorKind::configuration);
}

Result<void> check_backend_available(const std::string& backend) {
  if (backend == "simulated" || backend == "local" || backend == "kubernetes") return {};
  return fail(ErrorKind::usage,
              fmt::format("unknown backend '{}'; there are 'simulated', 'local' and 'kubernetes'",
                          backend));
}

Result<void> check_simulated_only(const std::string& backend, const char* verb) {
  if (auto available = check_backend_available(backend); !available) return available;
  if (backend == "simulated") return {};
  return fail(
      ErrorKind::usage,
      fmt::format("'{}' runs many at a time, which only simulations can: use 'run' with the "
                  "backend '{}'",
                  verb, backend));
}

Result<std::vector<PolicyChoice>> policies_of(const std::string& list) {
  if (list.empty()) return std::vector<PolicyChoice>{};
  return parse_policies(list);
}

std::string fresh_directory(const std::string& name) {
  for (int n = 1;; ++n) {
    std::string directory = fmt::format("runs/{}-{}", name, n);
    std::error_code error;
    if (!std::filesystem::exists(directory, error)) return directory;
  }
}

int Outcome::exit_status() const {
  if (stopped) return kExitStopped;
  return failed > 0 ? 1 : 0;
}

std::vector<RunSummary> Outcome::summaries() const {
  std::vector<RunSummary> all;
  for (const FinishedRun& run : runs) all.push_back(run.summary);
  return all;
}

Outcome run_plan(const Plan& plan, int jobs, const Terminal& terminal) {
  ProgressLine line(terminal.progress);
  const std::size_t total = plan.runs.size();
  line.show(fmt::format("0 of {} runs", total));
  ParallelOptions options;
  options.jobs = jobs;
  options.progress = [&](std::size_t finished) {
    line.show(fmt::format("{} of {} runs", finished, total));
  };
  std::vector<Result<FinishedRun>> results = run_in_parallel(plan.runs, options);
  line.clear();

  Outcome outcome;
  for (Result<FinishedRun>& result : results) {
    if (result) {
      outcome.runs.push_back(std::move(*result));
    } else if (result.error().kind == ErrorKind::stopped) {
      outcome.stopped = true;
    } else {
      ++outcome.failed;
      log_error(result.error().message);
    }
  }
  if (outcome.stopped) {
    log_warning(fmt::format("stopped: {} of {} runs had finished and are kept", outcome.runs.size(),
                            total));
  }
  return outcome;
}

}  // namespace wsfleet
