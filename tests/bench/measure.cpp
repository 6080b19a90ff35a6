// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/measure.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <queue>

#include "cluster/simulated/data/event_queue.h"
#include "core/random.h"
#include "engine/experiment/plan.h"
#include "engine/experiment/simulated_run.h"
#include "results/record/run_recorder.h"

namespace wsfleet::bench {
namespace {

double seconds_of(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

double peak_resident_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024;
}

[[noreturn]] void give_up(const std::string& message) {
  std::fprintf(stderr, "wsfleet-bench: %s\n", message.c_str());
  std::_Exit(1);
}

RunCost run_here(const PlannedRun& run) {
  auto recorder = RunRecorder::create("");
  if (!recorder) give_up(recorder.error().message);
  RunCost cost;
  const double before = peak_resident_bytes();
  const double wall = wall_seconds();
  const double cpu = cpu_seconds();
  const Result<RunSummary> summary = simulated_run(run, **recorder, {});
  if (!summary) give_up(summary.error().message);
  cost.cpu_s = cpu_seconds() - cpu;
  cost.wall_s = wall_seconds() - wall;
  cost.grown_bytes = peak_resident_bytes() - before;
  const RunFigures& figures = (*recorder)->run_figures();
  cost.events = figures.events;
  cost.superseded = figures.superseded_events;
  cost.peak_connections = figures.connections_peak;
  cost.model_bytes_per_connection = figures.model_bytes_per_connection;
  for (const SecondRow& row : (*recorder)->rows()) {
    cost.ready_mean +=
        static_cast<double>(row.ready_replicas) / static_cast<double>((*recorder)->rows().size());
  }
  return cost;
}

// The increments cost nothing beside the queue: a table of them is drawn before.
std::vector<TimeNs> increments() {
  const RandomStream random(1, "bench.hold");
  std::vector<TimeNs> table(1 << 16);
  for (std::size_t i = 0; i < table.size(); ++i) {
    table[i] = from_seconds(600 * random.exponential(i));
  }
  return table;
}

}  // namespace

double cpu_seconds() { return seconds_of(CLOCK_PROCESS_CPUTIME_ID); }
double wall_seconds() { return seconds_of(CLOCK_MONOTONIC); }

RunCost measure_run(const std::string& scenario, const std::vector<std::string>& sets) {
  PlanRequest request;
  request.scenarios = {scenario};
  request.sets = sets;
  const Plan plan = plan_runs(request);
  if (!plan.diagnostics.empty()) give_up(render(plan.diagnostics));
  int ends[2];
  if (pipe(ends) != 0) give_up("no pipe");
  std::fflush(nullptr);  // or the child would print it again
  const pid_t child = fork();
  if (child == 0) {
    const RunCost cost = run_here(plan.runs.front());
    std::_Exit(write(ends[1], &cost, sizeof cost) == sizeof cost ? 0 : 1);
  }
  close(ends[1]);
  RunCost cost;
  const ssize_t got = read(ends[0], &cost, sizeof cost);
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (status != 0 || got != sizeof cost) give_up("the run of " + scenario + " failed");
  return cost;
}

double hold_ns(std::size_t pending, std::int64_t holds) {
  const std::vector<TimeNs> table = increments();
  EventQueue queue;
  std::size_t next = 0;
  const auto increment = [&] { return table[next++ & (table.size() - 1)]; };
  for (std::size_t i = 0; i < pending; ++i) {
    queue.push(Event::make(increment(), EventKind::close, static_cast<std::uint32_t>(i), 0));
  }
  const auto hold = [&] {
    const Event event = queue.pop();
    queue.push(Event::make(event.time + increment(), EventKind::close, event.target, 0));
  };
  for (std::size_t i = 0; i < 2 * pending; ++i) hold();  // until its shape is the stationary one
  const double began = cpu_seconds();
  for (std::int64_t i = 0; i < holds; ++i) hold();
  return (cpu_seconds() - began) * 1e9 / static_cast<double>(holds);
}

double hold_ns_priority_queue(std::size_t pending, std::int64_t holds) {
  const std::vector<TimeNs> table = increments();
  using Item = std::pair<TimeNs, std::uint64_t>;
  std::priority_queue<Item, std::vector<Item>, std::greater<>> queue;
  std::size_t next = 0;
  const auto increment = [&] { return table[next++ & (table.size() - 1)]; };
  for (std::size_t i = 0; i < pending; ++i) queue.emplace(increment(), i);
  const auto hold = [&] {
    const Item item = queue.top();
    queue.pop();
    queue.emplace(item.first + increment(), item.second);
  };
  for (std::size_t i = 0; i < pending; ++i) hold();
  const double began = cpu_seconds();
  for (std::int64_t i = 0; i < holds; ++i) hold();
  return (cpu_seconds() - began) * 1e9 / static_cast<double>(holds);
}

}  // namespace wsfleet::bench
