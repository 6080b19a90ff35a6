// SPDX-License-Identifier: Apache-2.0
// wsfleet-bench: the speed and memory of the simulator, each figure beside a baseline of the same
// run. Prints tables; never a test.
//   wsfleet-bench [queue] [day] [scaling] [compare] [ablations]      (default: all)
#include <cstdio>
#include <string>
#include <vector>

#include "build_paths/source_dir.h"
#include "engine/experiment/parallel_runs.h"
#include "engine/experiment/plan.h"
#include "tests/bench/ablations.h"
#include "tests/bench/measure.h"

namespace wsfleet::bench {
namespace {

const std::string kDay = WSFLEET_SOURCE_DIR "/tests/bench/day-of-a-million.toml";
const std::string kFlashCrowd = WSFLEET_SOURCE_DIR "/scenarios/flash-crowd.toml";

void bench_queue() {
  std::printf("Event queue, hold model, ns per pop and push\n");
  std::printf("  %10s  %12s  %20s\n", "pending", "radix heap", "std::priority_queue");
  for (const std::size_t pending : {1'000, 10'000, 100'000, 1'000'000}) {
    std::printf("  %10zu  %12.0f  %20.0f\n", pending, hold_ns(pending, 5'000'000),
                hold_ns_priority_queue(pending, 2'000'000));
  }
  std::printf("\n");
}

void bench_day() {
  std::printf("A day of up to a million sockets (hpa, about 1,000 pods on 100 nodes)\n");
  std::fflush(stdout);
  const double before = hold_ns(1'000'000, 10'000'000);
  const RunCost cost = measure_run(kDay, {});
  const double after = hold_ns(1'000'000, 10'000'000);
  const double bare = (before + after) / 2;
  const double each = cost.cpu_s * 1e9 / static_cast<double>(cost.events);
  const auto peak = static_cast<double>(cost.peak_connections);
  std::printf("  %-34s %14lld   (%lld superseded)\n", "events", static_cast<long long>(cost.events),
              static_cast<long long>(cost.superseded));
  std::printf("  %-34s %14.0f\n", "ready pods, mean", cost.ready_mean);
  std::printf("  %-34s %14.0f\n", "connections, peak", peak);
  std::printf("  %-34s %14.1f   target: under 180\n", "CPU seconds", cost.cpu_s);
  std::printf("  %-34s %14.0f\n", "ns per event", each);
  std::printf("  %-34s %14.0f   (before %.0f, after %.0f)\n", "ns per event of the bare queue",
              bare, before, after);
  std::printf("  %-34s %14.2f   target: at most 3.5\n", "ratio", each / bare);
  std::printf("  %-34s %14.0f   target: at most 120\n", "resident bytes per connection",
              cost.grown_bytes / peak);
  std::printf("  %-34s %14.0f\n\n", "of these: connections and queue",
              cost.model_bytes_per_connection);
}

// Thirty minutes each, the same number of events a second where it can be: sessions of ten minutes.
void bench_scaling() {
  std::printf("ns per event by connections and pods (least connections, fixed fleet)\n");
  std::printf("  %12s", "connections");
  for (const int pods : {10, 100, 1000}) std::printf("  %6d pods", pods);
  std::printf("  %12s\n", "bare queue");
  for (const int connections : {10'000, 100'000, 1'000'000}) {
    std::printf("  %12d", connections);
    for (const int pods : {10, 100, 1000}) {
      const auto set = [](const std::string& path, const std::string& value) {
        return path + "=" + value;
      };
      const std::string count = std::to_string(pods);
      const RunCost cost = measure_run(
          kDay, {set("duration", connections < 100'000 ? "'10h'" : "'1h'"),
                 "policy.fixed.replicas=" + count, "scaler.policy='fixed'",
                 "scaler.min_replicas=" + count, "scaler.max_replicas=" + count,
                 "scaler.initial_replicas=" + count,
                 set("workload.arrivals",
                     "{shape='constant', rate=" + std::to_string(connections / 600.0) + "}"),
                 "workload.session.messages_per_second=0.0", "server.max_connections=2000000",
                 "cluster.pod.memory_limit=0", "cluster.nodes.cores=64",
                 "cluster.pod.cpu_limit=32.0", "cluster.pod.memory_request='1MiB'"});
      std::printf("  %11.0f", cost.cpu_s * 1e9 / static_cast<double>(cost.events));
      std::fflush(stdout);
    }
    std::printf("  %12.0f\n", hold_ns(static_cast<std::size_t>(connections), 5'000'000));
  }
  std::printf("\n");
}

void bench_compare() {
  PlanRequest request;
  request.scenarios = {kFlashCrowd};
  request.seeds = 10;
  request.policies = parse_policies("original,hpa,oracle").value();
  const Plan plan = plan_runs(request);
  const double began = wall_seconds();
  const auto runs = run_in_parallel(plan.runs, {});
  const double wall = wall_seconds() - began;
  std::size_t failed = 0;
  for (const auto& run : runs) failed += run ? 0 : 1;
  std::printf("compare of three policies by ten seeds on the flash crowd (1 h, 20,000 sessions)\n");
  std::printf("  %-34s %14.1f   target: under 10 on two cores\n", "wall seconds", wall);
  std::printf("  %-34s %14zu of %zu\n\n", "failed runs", failed, runs.size());
}

int run(const std::vector<std::string>& chosen) {
  const std::vector<std::pair<std::string, void (*)()>> benches = {{"queue", bench_queue},
                                                                   {"day", bench_day},
                                                                   {"scaling", bench_scaling},
                                                                   {"compare", bench_compare},
                                                                   {"ablations", bench_ablations}};
  for (const auto& [name, bench] : benches) {
    bool wanted = chosen.empty();
    for (const std::string& word : chosen) wanted = wanted || word == name;
    if (wanted) bench();
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace
}  // namespace wsfleet::bench

int main(int argc, char** argv) {
  return wsfleet::bench::run(std::vector<std::string>(argv + 1, argv + argc));
}
