// SPDX-License-Identifier: Apache-2.0
#include "results/summary/finish_run.h"

#include "results/record/series.h"
#include "results/record/surroundings.h"

namespace wsfleet {

Result<RunSummary> finish_run(RunRecorder& recorder, const RunContext& context) {
  RunFigures figures = recorder.run_figures();
  if (context.backend != "simulated") {
    measure_surroundings(recorder.events(), recorder.client_histograms(), figures.surroundings);
  }
  RunSummary summary;
  summary.scenario = context.scenario;
  summary.policy = context.policy;
  summary.seed = context.seed;
  summary.backend = context.backend;
  summary.simulated_s = static_cast<double>(recorder.rows().size());
  summary.wall_s = context.wall_s;
  summary.events = figures.events;
  summary.decisions = recorder.decisions();
  summary.held_decisions = recorder.held_decisions();
  summary.scores = compute_scores({.rows = recorder.rows(),
                                   .events = recorder.events(),
                                   .clients = recorder.client_histograms(),
                                   .objective = context.details.objective,
                                   .warmup = context.details.warmup});
  summary.expect = evaluate(context.expectations, summary.scores);
  summary.directory = recorder.directory();
  summary.stopped = context.stopped;
  summary.notices = figures.notices;
  summary.notices.insert(summary.notices.end(), context.notices.begin(), context.notices.end());

  const Series series =
      build_series(recorder.rows(), context.details.objective, context.details.scrape_interval);
  auto finished = recorder.finish(
      {{"run.json", run_json_text(summary, context.details, figures, recorder.client_histograms())},
       {"series.csv", to_csv(series)}});
  if (!finished) return tl::unexpected(finished.error());
  return summary;
}

}  // namespace wsfleet
