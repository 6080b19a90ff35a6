// SPDX-License-Identifier: Apache-2.0
#pragma once
// What several verbs do alike: policies and plans from options, problems told, directories named.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/experiment/parallel_runs.h"
#include "engine/experiment/plan.h"
#include "engine/verbs/verbs.h"

namespace wsfleet {

inline constexpr int kExitMissed = 99;
inline constexpr int kExitStopped = exit_status(ErrorKind::stopped);

/// Prints "error: ..." and returns the exit status that belongs to it.
int tell(const Error& error);
void print(std::string_view text);  // to stdout

/// Tells warnings and mistakes; the exit status when there are mistakes.
std::optional<int> tell_problems(const Plan& plan);

/// ErrorKind::usage for a backend that this version does not have.
Result<void> check_backend_available(const std::string& backend);
/// The same, and for one that can't run several at a time.
Result<void> check_simulated_only(const std::string& backend, const char* verb);

/// No list: no policies, which means the scenario's own.
Result<std::vector<PolicyChoice>> policies_of(const std::string& list);

/// "runs/<name>-1" or the first higher number that is free.
std::string fresh_directory(const std::string& name);

/// Runs the plan with its progress line. Failed ones are told and left out.
struct Outcome {
  std::vector<FinishedRun> runs;
  int failed = 0;
  bool stopped = false;

  /// 105 when stopped, 1 when any run failed, else 0.
  int exit_status() const;
  std::vector<RunSummary> summaries() const;
};
Outcome run_plan(const Plan& plan, int jobs, const Terminal& terminal);

}  // namespace wsfleet
