// SPDX-License-Identifier: Apache-2.0
// `wsfleet run`: one scenario, one policy, one seed; a results directory and a report for people.
#include <fmt/format.h>

#include "core/log.h"
#include "engine/command_line/progress.h"
#include "engine/experiment/live_run.h"
#include "engine/experiment/run_context.h"
#include "engine/experiment/simulated_run.h"
#include "engine/verbs/common.h"
#include "results/summary/text_report.h"

namespace wsfleet {
namespace {

PlanRequest plan_request(const RunOptions& options, std::vector<PolicyChoice> policies) {
  PlanRequest request;
  request.scenarios = {options.scenario};
  request.policies = std::move(policies);
  request.sets = options.sets;
  request.seed = options.seed;
  request.backend = options.backend;
  return request;
}

std::string directory_of(const RunOptions& options, const PlannedRun& run) {
  if (!options.directory.empty()) return options.directory;
  return fmt::format("runs/{}-{}-{}", run.scenario->name, file_name_of(run.policy.label), run.seed);
}

void print_summary(const RunOptions& options, const Terminal& terminal, const PlannedRun& run,
                   const RunSummary& summary, const RunRecorder& recorder) {
  if (options.json) return print(to_json_line(summary) + "\n");
  if (options.all_scores) return print(all_scores_text(summary.scores));
  print(run_text(summary, recorder.rows(), recorder.events(), run_details(*run.scenario),
                 {.color = terminal.color}));
}

Result<RunSummary> run_simulated(const PlannedRun& run, RunRecorder& recorder, ProgressLine& line) {
  return simulated_run(run, recorder, [&](TimeNs now) {
    if (!line.due()) return;
    line.show(fmt::format("{}: {} of {}", describe(run), format_duration_short(now),
                          format_duration_short(run.scenario->duration)));
  });
}

LiveProgress status_line(const PlannedRun& run, ProgressLine& line) {
  return [&run, &line](const LiveStatus& status) {
    line.show(fmt::format("{}: {} of {}, {} replicas ({} ready), {} connections, {} refused",
                          describe(run), format_duration_short(status.now),
                          format_duration_short(run.scenario->duration), status.replicas,
                          status.ready, status.connections, status.refused));
  };
}

Result<RunSummary> run_locally(const PlannedRun& run, RunRecorder& recorder, ProgressLine& line) {
  line.show(fmt::format("{}: starting pods and services", describe(run)));
  return local_run(run, recorder, status_line(run, line));
}

Result<RunSummary> run_on_cluster(const ClusterOptions& cluster, const PlannedRun& run,
                                  RunRecorder& recorder, ProgressLine& line) {
  ExperimentTarget target;
  target.kubeconfig = cluster.kubeconfig;
  target.context = cluster.context;
  target.name_space = cluster.name_space;
  target.url = cluster.url;
  target.host = cluster.host;
  target.load_pods = cluster.load_pods;
  if (!cluster.load_image.empty()) target.load_image = cluster.load_image;
  if (!cluster.prometheus.empty()) target.prometheus = cluster.prometheus;
  target.recover = cluster.recover;
  line.show(fmt::format("{}: getting {} ready in the context {}", describe(run), target.name_space,
                        target.context));
  return kubernetes_run(run, target, recorder, status_line(run, line));
}

/// Nothing is touched that was not named, and nothing is said that has no meaning.
Result<void> check_cluster_options(const RunOptions& options) {
  const ClusterOptions& cluster = options.cluster;
  if (options.backend != "kubernetes") {
    const bool any = cluster.recover || cluster.load_pods > 0 || !cluster.context.empty() ||
                     !cluster.name_space.empty() || !cluster.kubeconfig.empty() ||
                     !cluster.url.empty() || !cluster.host.empty() || !cluster.load_image.empty() ||
                     !cluster.prometheus.empty();
    if (!any) return {};
    return fail(ErrorKind::usage, "options of a cluster need --backend kubernetes");
  }
  if (!cluster.context.empty() && !cluster.name_space.empty()) return {};
  return fail(ErrorKind::usage,
              "--backend kubernetes needs --context and --namespace: it touches no cluster and no "
              "namespace that it was not told to");
}

}  // namespace

int run_verb(const RunOptions& options, const Terminal& terminal) {
  if (const auto available = check_backend_available(options.backend); !available) {
    return tell(available.error());
  }
  if (const auto named = check_cluster_options(options); !named) return tell(named.error());
  Result<std::vector<PolicyChoice>> policies = policies_of(options.policy);
  if (!policies) return tell(policies.error());
  if (policies->size() > 1) {
    return tell({ErrorKind::usage, "'run' takes one policy; 'compare' takes several"});
  }
  const Plan plan = plan_runs(plan_request(options, std::move(*policies)));
  if (const auto status = tell_problems(plan)) return *status;
  const PlannedRun& run = plan.runs.front();

  auto recorder = RunRecorder::create(directory_of(options, run));
  if (!recorder) return tell(recorder.error());
  ProgressLine line(terminal.progress);
  const auto run_it = [&]() -> Result<RunSummary> {
    if (options.backend == "local") return run_locally(run, **recorder, line);
    if (options.backend == "kubernetes") {
      return run_on_cluster(options.cluster, run, **recorder, line);
    }
    return run_simulated(run, **recorder, line);
  };
  const Result<RunSummary> summary = run_it();
  line.clear();
  if (!summary) return tell(summary.error());
  print_summary(options, terminal, run, *summary, **recorder);
  if (summary->stopped) {
    log_warning(fmt::format("stopped after {}; what was recorded is in {}",
                            format_duration_short(from_seconds(summary->simulated_s)),
                            summary->directory));
    return kExitStopped;
  }
  if (const auto unknown = unknown_conditions(summary->expect)) return tell(*unknown);
  return all_met(summary->expect) ? 0 : kExitMissed;
}

}  // namespace wsfleet
