// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/ablations.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "build_paths/source_dir.h"
#include "engine/experiment/parallel_runs.h"
#include "engine/experiment/plan.h"
#include "results/summary/scores.h"

namespace wsfleet::bench {
namespace {

constexpr int kSeeds = 10;
// What a paired difference must exceed to be shown. Of some thirty scores, one would pass by chance
// in fewer than one ablation of thirty (Student's t with nine degrees of freedom).
constexpr double kStandardErrors = 5;

struct Ablation {
  const char* effect;
  const char* scenario;
  std::vector<std::string> base;  // what both runs have
  std::vector<std::string> off;   // what switches the effect off
};

// Where EWMA's unevenness would drown the effect, the base is least connections.
const std::vector<Ablation>& ablations() {
  static const std::string kEven = "cluster.balancer='least_connections'";
  static const std::vector<Ablation> kTable = {
      {"handshake work",
       "reconnect-storm",
       {},
       {"server.costs.handshake_cpu='0s'", "server.costs.tls_handshake_cpu='0s'"}},
      {"CPU shares of a node",
       "reconnect-storm",
       {"cluster.pod={cpu_request=0.25, cpu_limit=2.0}", "cluster.nodes.cores=2",
        "server.costs.tls_handshake_cpu='20ms'"},
       {"cluster.nodes.cores=64"}},
      {"image pulls", "slow-image-pulls", {}, {"cluster.pod.image_bytes=0"}},
      {"scrape age, 15 s", "flash-crowd", {kEven}, {"metrics.scrape_interval='1s'"}},
      {"scrape age, 60 s",
       "flash-crowd",
       {kEven, "metrics.scrape_interval='60s'"},
       {"metrics.scrape_interval='1s'"}},
      {"propagation, 0.5 s",
       "flash-crowd",
       {kEven},
       {"cluster.control_plane.endpoint_propagation='0s'"}},
      {"propagation, 5 s",
       "flash-crowd",
       {kEven, "cluster.control_plane.endpoint_propagation='5s'"},
       {"cluster.control_plane.endpoint_propagation='0s'"}},
      {"readiness delay",
       "flash-crowd",
       {kEven},
       {"cluster.readiness={initial_delay='0s', period='1s'}"}},
      {"the same, no headroom",
       "flash-crowd",
       {kEven, "policy.hpa.target_connections=800"},
       {"cluster.readiness={initial_delay='0s', period='1s'}"}},
      {"readiness when full", "original", {}, {"server.ready_when_full=true"}},
      {"ClientIP affinity", "shared-addresses", {}, {kEven}},
      {"EWMA by session life", "flash-crowd", {}, {kEven}},
      {"memory limit, 256 MiB", "flash-crowd", {}, {"cluster.pod.memory_limit=0"}},
      {"memory limit, 24 MiB",
       "flash-crowd",
       {"cluster.pod.memory_limit='24MiB'"},
       {"cluster.pod.memory_limit=0"}},
      {"drain", "flash-crowd", {}, {"server.drain={mode='none'}"}},
      {"reconnect jitter",
       "reconnect-storm",
       {"workload.reconnect.policy='full_jitter'"},
       {"workload.reconnect.policy='fixed'"}},
      {"connect timeout", "reconnect-storm", {}, {"workload.reconnect.connect_timeout='10m'"}},
      {"node loss seen late", "reconnect-storm", {}, {"server.ping_interval='1s'"}},
      {"Prometheus outage",
       "prometheus-outage",
       {"scaler.policy='original'"},
       {"fault.0.for='1ms'"}},
      {"rooms and session store",
       "redis-outage",
       {},
       {"server.mode='echo'", "workload.session.rooms=0", "server.redis=false", "fault=[]"}},
      {"rooms without Redis",
       "redis-outage",
       {"server.redis=false", "fault=[]"},
       {"server.redis=true"}},
      {"Redis outage", "redis-outage", {}, {"fault.0.for='1ms'"}},
      {"API latency, 5 ms", "flash-crowd", {kEven}, {"cluster.control_plane.api_latency='0s'"}},
      {"API latency, 20 s",
       "flash-crowd",
       {kEven, "cluster.control_plane.api_latency='20s'"},
       {"cluster.control_plane.api_latency='0s'"}},
      {"start time, 2 s", "flash-crowd", {kEven}, {"cluster.pod.start='1ms'"}},
      {"start time, 40 s",
       "flash-crowd",
       {kEven, "cluster.pod.start='40s'"},
       {"cluster.pod.start='1ms'"}},
      {"message load, 0.2/s", "flash-crowd", {}, {"workload.session.messages_per_second=0.0"}},
      {"message load, 130/s",
       "flash-crowd",
       {"workload.session.messages_per_second=130.0"},
       {"workload.session.messages_per_second=0.2"}},
  };
  return kTable;
}

struct Mean {
  double value = 0;
  double error = 0;  // standard error
};

Mean mean_of(const std::vector<double>& values) {
  Mean mean;
  for (const double value : values) mean.value += value / static_cast<double>(values.size());
  double squares = 0;
  for (const double value : values) squares += (value - mean.value) * (value - mean.value);
  const auto n = static_cast<double>(values.size());
  mean.error = std::sqrt(squares / (n * (n - 1)));
  return mean;
}

// By score, one value per seed; empty where a value is not finite.
std::vector<std::vector<double>> scores_of(const Ablation& ablation, bool off) {
  PlanRequest request;
  request.scenarios = {WSFLEET_SOURCE_DIR "/scenarios/" + std::string(ablation.scenario) + ".toml"};
  request.sets = ablation.base;
  if (off) request.sets.insert(request.sets.end(), ablation.off.begin(), ablation.off.end());
  request.seeds = kSeeds;
  const Plan plan = plan_runs(request);
  std::vector<std::vector<double>> values(score_table().size());
  if (!plan.diagnostics.empty()) {
    std::fprintf(stderr, "%s\n", render(plan.diagnostics).c_str());
    return values;
  }
  for (const auto& run : run_in_parallel(plan.runs, {})) {
    if (!run) {
      std::fprintf(stderr, "%s\n", run.error().message.c_str());
      continue;
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::optional<double> value = score_value(run->summary.scores, score_table()[i].name);
      if (value && std::isfinite(*value)) values[i].push_back(*value);
    }
  }
  return values;
}

void print_row(const Ablation& ablation) {
  const auto with = scores_of(ablation, false);
  const auto without = scores_of(ablation, true);
  struct Change {
    const char* score;
    Mean with;
    Mean without;
    double size;  // in standard errors of the paired difference, bounded so that exact ones compare
    double relative;
  };
  std::vector<Change> changes;
  for (std::size_t i = 0; i < with.size(); ++i) {
    if (with[i].size() != kSeeds || without[i].size() != kSeeds) continue;
    Change change{score_table()[i].name, mean_of(with[i]), mean_of(without[i]), 0, 0};
    const double difference = std::abs(change.with.value - change.without.value);
    const double scale = std::max(std::abs(change.with.value), std::abs(change.without.value));
    if (scale <= 0 || score_table()[i].better == Better::neither) continue;
    std::vector<double> differences;  // by seed: both have met the same clients
    for (std::size_t seed = 0; seed < kSeeds; ++seed) {
      differences.push_back(with[i][seed] - without[i][seed]);
    }
    const double error = mean_of(differences).error;
    change.size = difference / std::max(error, 1e-3 * scale);
    change.relative = difference / scale;
    if (change.size > kStandardErrors) changes.push_back(change);
  }
  std::sort(changes.begin(), changes.end(),
            [](const Change& a, const Change& b) { return a.relative > b.relative; });
  std::printf("  %-22s %-18s", ablation.effect, ablation.scenario);
  if (changes.empty()) std::printf("  (no score moves)");
  for (std::size_t i = 0; i < changes.size() && i < 2; ++i) {
    if (i > 0) std::printf("\n  %-22s %-18s", "", "");
    std::printf("  %-30s %11.4g %11.4g", changes[i].score, changes[i].with.value,
                changes[i].without.value);
  }
  std::printf("\n");
  std::fflush(stdout);
}

}  // namespace

void bench_ablations() {
  std::printf(
      "Ablations: means over %d seeds, the two scores that change most (by over %g standard "
      "errors)\n",
      kSeeds, kStandardErrors);
  std::printf("  %-22s %-18s  %-30s %11s %11s\n", "effect", "scenario", "score", "with", "without");
  for (const Ablation& ablation : ablations()) print_row(ablation);
  std::printf("\n");
}

}  // namespace wsfleet::bench
