// SPDX-License-Identifier: Apache-2.0
// `wsfleet validate`: reads scenarios as a run would and says what is wrong, all of it at once.
#include <fmt/format.h>

#include <cstdio>

#include "core/log.h"
#include "engine/verbs/common.h"

namespace wsfleet {

int validate(const ValidateOptions& options, const Terminal&) {
  if (const auto available = check_backend_available(options.backend); !available) {
    return tell(available.error());
  }
  std::size_t mistakes = 0;
  for (const std::string& path : options.scenarios) {
    PlanRequest request;
    request.scenarios = {path};
    request.sets = options.sets;
    request.backend = options.backend;
    const Plan plan = plan_runs(request);
    for (const std::string& warning : plan.warnings) log_warning(warning);
    if (plan.diagnostics.empty()) {
      print(fmt::format("{}: ok\n", plan.runs.front().scenario->path));
    } else {
      std::fprintf(stderr, "%s\n", render(plan.diagnostics).c_str());
    }
    mistakes += plan.diagnostics.size();
  }
  if (mistakes == 0) return 0;
  log_error(fmt::format("{} mistake{}", mistakes, mistakes == 1 ? "" : "s"));
  return exit_status(ErrorKind::configuration);
}

}  // namespace wsfleet
