// SPDX-License-Identifier: Apache-2.0
#include "results/report/testing/sample_fleet.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <utility>

#include "core/random.h"

namespace wsfleet {
namespace {

constexpr int kSeconds = 3600;
constexpr int kFaultAt = 2400;
constexpr double kMeanLength = 1200;
constexpr double kPodStart = 14;
constexpr int kMaxConnections = 1000;

double arrival_rate(double t) {
  constexpr double kBase = 1;
  constexpr double kPeak = 40;
  const double since = t - 600;
  if (since < 0 || since > 900) return kBase;
  if (since < 120) return kBase + (kPeak - kBase) * since / 120;
  if (since < 300) return kPeak;
  return kPeak - (kPeak - kBase) * (since - 300) / 600;
}

class SampleFleet {
 public:
  SampleFleet(std::string policy, std::uint64_t seed)
      : policy_(std::move(policy)), noise_(seed, "sample.noise") {}

  SampleRun run() {
    connections_ = offered_ = kMeanLength;
    spec_ = ready_ = 2;
    for (int t = 0; t < kSeconds; ++t) second(t);
    return std::move(run_);
  }

  ClientHistograms clients;

 private:
  void second(int t) {
    row_ = SecondRow{};
    row_.time_s = t;
    const double wobble = 0.5 + noise_.exponential(static_cast<std::uint64_t>(t)) / 2;
    const double arrivals = std::round(arrival_rate(t) * wobble);
    row_.arrivals = std::llround(arrivals);
    offered_ += arrivals - offered_ / kMeanLength;
    const double done = connections_ / kMeanLength;
    connections_ -= done;
    row_.sessions_completed = std::llround(done);
    if (t == kFaultAt) pod_kill();
    scale(t);
    connect(arrivals);
    finish_row();
  }

  void pod_kill() {
    FleetEvent event;
    event.time = row_.time_s * kSecond;
    event.kind = "fault";
    event.detail = "pod_kill: 3 pods";
    run_.events.push_back(event);
    const double lost = connections_ * std::min(3, ready_) / std::max(1, ready_);
    row_.cut_by_failure = std::llround(lost);
    connections_ -= lost;
    waiting_again_ += lost;
    for (int i = 0; i < std::min(3, ready_); ++i) {
      starting_.push_back(static_cast<double>(row_.time_s) + kPodStart);
    }
    ready_ -= std::min(3, ready_);
  }

  int wanted(int t) const {
    const double demand_now = std::ceil(offered_ / 800);
    if (policy_ == "oracle") {
      const double soon = offered_ + arrival_rate(t + 30) * 60;
      return std::max(2, static_cast<int>(std::ceil(soon / 800)));
    }
    if (policy_ == "hpa") {
      if (t % 15 != 0) return spec_;
      const double seen = connections_ / 500;
      if (seen > spec_ * 1.1) return std::min(2 * spec_, static_cast<int>(std::ceil(seen)));
      return t > 2100 && demand_now * 1.4 < spec_ ? spec_ - 1 : spec_;
    }
    if (t % 5 != 0) return spec_;
    const bool full = connections_ >= 0.97 * kMaxConnections * ready_;
    if (full && spec_ < 50) return spec_ + 1;
    return t > 1800 && t % 240 == 0 && spec_ > 2 ? spec_ - 1 : spec_;
  }

  void scale(int t) {
    const int next = wanted(t);
    for (int i = spec_; i < next; ++i) starting_.push_back(t + kPodStart);
    for (int i = next; i < spec_ && ready_ > 1; ++i) {
      const double lost = connections_ / ready_;
      connections_ -= lost;
      waiting_again_ += lost;
      *(policy_ == "original" ? row_.cut_by_scaling : row_.moved_by_scaling) += std::llround(lost);
      --ready_;
    }
    spec_ = next;
    while (!starting_.empty() && starting_.front() <= t) {
      starting_.pop_front();
      ++ready_;
    }
  }

  void connect(double arrivals) {
    const double again = waiting_again_ / 6;
    const double retries = waiting_ / 8;
    const double attempts = arrivals + again + retries;
    const double room = std::max(0.0, kMaxConnections * ready_ - connections_);
    const double opened = std::min({attempts, room, 90.0 * ready_});
    const double share = attempts > 0 ? opened / attempts : 1.0;
    waiting_again_ -= again * share;
    waiting_ += arrivals * (1 - share) - retries * share;
    connections_ += opened;
    row_.reconnects = std::llround(again);
    row_.attempts = std::llround(attempts);
    row_.opened = std::min(row_.attempts, static_cast<std::int64_t>(std::llround(opened)));
    row_.refused_for_capacity = row_.refused = row_.attempts - row_.opened;
    row_.attempts_late = row_.opened / 200;
    clients.time_to_connect.record(from_seconds(0.02 + waiting_ / 100), opened);
    clients.attempt_time.record(20 * kMillisecond, opened);
    clients.message_latency.record(3 * kMillisecond, connections_ / 5);
  }

  void finish_row() {
    row_.spec_replicas = spec_;
    row_.ready_replicas = row_.supply = ready_;
    row_.pod_seconds = ready_ + static_cast<double>(starting_.size());
    row_.cpu_cores = connections_ * 4e-5 + static_cast<double>(row_.attempts) * 8e-4;
    row_.offered_sessions = std::llround(offered_);
    row_.offered_cpu_cores =
        offered_ * 4e-5 + arrival_rate(static_cast<double>(row_.time_s)) * 8e-4;
    row_.connections = std::llround(connections_);
    row_.jain_index = 1.0 / (1.0 + 0.02 * static_cast<double>(starting_.size() + 1));
    row_.messages = connections_ / 5;
    row_.messages_late = waiting_ > 500 ? row_.messages * 0.02 : 0.0;
    run_.rows.push_back(row_);
  }

  std::string policy_;
  RandomStream noise_;
  SampleRun run_;
  SecondRow row_;
  std::deque<double> starting_;  // when each of them is ready
  double connections_ = 0;
  double offered_ = 0;
  double waiting_ = 0;        // new sessions that were refused
  double waiting_again_ = 0;  // sessions that were cut
  int spec_ = 0;
  int ready_ = 0;
};

}  // namespace

Objective sample_objective() { return {.connections_per_pod = 800, .min_replicas = 2}; }

RunDetails sample_details() {
  RunDetails details;
  details.version = "0.1.0";
  details.scenario_text = "format = 1\nname = \"flash-crowd\"\nduration = \"1h\"\n";
  details.duration = kHour;
  details.warmup = 5 * kMinute;
  details.objective = sample_objective();
  return details;
}

SampleRun sample_run(const std::string& policy, std::uint64_t seed) {
  SampleFleet fleet(policy, seed);
  SampleRun run = fleet.run();
  run.summary.scenario = "flash-crowd";
  run.summary.policy = policy;
  run.summary.seed = seed;
  run.summary.simulated_s = kSeconds;
  run.summary.scores = compute_scores({.rows = run.rows,
                                       .events = run.events,
                                       .clients = fleet.clients,
                                       .objective = sample_objective(),
                                       .warmup = sample_details().warmup});
  return run;
}

ReportRun sample_report_run(const SampleRun& run) {
  return {run.summary.policy, run.summary.seed, build_series(run.rows, sample_objective(), kSecond),
          run.events};
}

ReportData sample_comparison(const std::vector<std::string>& policies, int seeds) {
  std::vector<RunSummary> summaries;
  std::vector<ReportRun> shown;
  for (const std::string& policy : policies) {
    for (int seed = 1; seed <= seeds; ++seed) {
      const SampleRun run = sample_run(policy, static_cast<std::uint64_t>(seed));
      summaries.push_back(run.summary);
      if (seed == 1) shown.push_back(sample_report_run(run));
    }
  }
  ReportContext context;
  context.description =
      "Some 22,000 sessions arrive within a quarter of an hour and stay for twenty "
      "minutes on average.";
  context.recommendation =
      "Use hpa: it refuses next to nobody, cuts no connection, and costs more "
      "pod-hours than original does.";
  context.details = sample_details();
  const Comparison comparison = build_comparison(summaries);
  return build_comparison_report(comparison.scenarios.front(), shown, context);
}

}  // namespace wsfleet
