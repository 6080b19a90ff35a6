// SPDX-License-Identifier: Apache-2.0
#include "results/summary/scores.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "results/unknown.h"

namespace wsfleet {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
/// Of the attempts or messages in a second that may miss the objective, and of the connections that
/// the session store may be off by.
constexpr double kToleratedShare = 0.01;
/// So long must the objective hold after a fault before the fleet has recovered.
constexpr std::size_t kCalmSeconds = 60;
/// Over this span supply and demand are asked which way they move.
constexpr std::size_t kTrendSeconds = 60;

/// Nothing: the world could not know it.
using Value = std::optional<double>;

double seconds(const ScoredRun& run) { return static_cast<double>(run.rows.size()); }
Value scored_s(const ScoredRun& run) { return seconds(run); }

/// NaN when a second's is not known.
template <class Field>
double total(const ScoredRun& run, Field field) {
  double sum = 0;
  for (const SecondRow& row : run.rows) sum += number_of(row.*field);
  return sum;
}

Value if_known(double value) { return std::isnan(value) ? Value() : value; }

template <auto field>
Value sum_of(const ScoredRun& run) {
  return if_known(total(run, field));
}

template <auto field>
Value mean_of(const ScoredRun& run) {
  return total(run, field) / seconds(run);
}

template <auto field>
Value max_of(const ScoredRun& run) {
  double most = 0;
  for (const SecondRow& row : run.rows) most = std::max(most, number_of(row.*field));
  return most;
}

template <auto field>
Value hours_of(const ScoredRun& run) {
  return if_known(total(run, field) / 3600.0);
}

template <auto histogram, int per_mille>
Value quantile_s(const ScoredRun& run) {
  return (run.clients.*histogram).quantile(per_mille / 1000.0) / 1e9;
}

// The change of `level` from row i - 1 to row i, as -1, 0 or 1.
int step(int before, int after) { return after > before ? 1 : after < before ? -1 : 0; }

template <auto field>
int changes(const ScoredRun& run, int wanted_sign) {
  int count = 0;
  for (std::size_t i = 1; i < run.rows.size(); ++i) {
    const int sign = step(run.rows[i - 1].*field, run.rows[i].*field);
    if (sign != 0 && (wanted_sign == 0 || sign == wanted_sign)) ++count;
  }
  return count;
}

Value refused_share(const ScoredRun& run) {
  const double attempts = total(run, &SecondRow::attempts);
  const double unsuccessful = total(run, &SecondRow::refused) + total(run, &SecondRow::failed);
  return attempts > 0 ? unsuccessful / attempts : 0;
}

Value deliveries_missed_share(const ScoredRun& run) {
  const double missed = total(run, &SecondRow::deliveries_missed);
  if (std::isnan(missed)) return std::nullopt;
  const double wanted = missed + total(run, &SecondRow::deliveries);
  return wanted > 0 ? missed / wanted : kNaN;
}

// No value where there is no store: nothing was ever in it.
Value store_stale_s(const ScoredRun& run) {
  double stale = 0;
  double ever = 0;
  for (const SecondRow& row : run.rows) {
    if (!row.sessions_stored) return std::nullopt;
    const auto stored = static_cast<double>(*row.sessions_stored);
    const auto open = static_cast<double>(row.connections);
    ever = std::max(ever, stored);
    if (std::abs(stored - open) > kToleratedShare * open) ++stale;
  }
  return ever > 0 ? stale : kNaN;
}

Value violation_s(const ScoredRun& run) {
  if (!run.violations_known) return std::nullopt;
  return static_cast<double>(std::ranges::count(run.violated, true));
}

// Of demand; where min_replicas = 0 lets it be 0, of one pod.
double share_of_demand(int pods, int wanted) {
  return static_cast<double>(std::max(pods, 0)) / std::max(wanted, 1);
}

Value accuracy_under_percent(const ScoredRun& run) {
  double sum = 0;
  for (std::size_t i = 0; i < run.rows.size(); ++i) {
    sum += share_of_demand(run.demand[i] - run.rows[i].supply, run.demand[i]);
  }
  return 100.0 * sum / seconds(run);
}

Value accuracy_over_percent(const ScoredRun& run) {
  double sum = 0;
  for (std::size_t i = 0; i < run.rows.size(); ++i) {
    sum += share_of_demand(run.rows[i].supply - run.demand[i], run.demand[i]);
  }
  return 100.0 * sum / seconds(run);
}

double time_percent(const ScoredRun& run, int sign) {
  double count = 0;
  for (std::size_t i = 0; i < run.rows.size(); ++i) {
    if (step(run.demand[i], run.rows[i].supply) == sign) ++count;
  }
  return 100.0 * count / seconds(run);
}

Value time_under_percent(const ScoredRun& run) { return time_percent(run, -1); }
Value time_over_percent(const ScoredRun& run) { return time_percent(run, 1); }

Value instability_percent(const ScoredRun& run) {
  double apart = 0;
  for (std::size_t i = kTrendSeconds; i < run.rows.size(); ++i) {
    const int supply = step(run.rows[i - kTrendSeconds].supply, run.rows[i].supply);
    const int wanted = step(run.demand[i - kTrendSeconds], run.demand[i]);
    if (supply * wanted < 0) ++apart;
  }
  if (run.rows.size() <= kTrendSeconds) return kNaN;
  return 100.0 * apart / static_cast<double>(run.rows.size() - kTrendSeconds);
}

Value jitter_per_hour(const ScoredRun& run) {
  int wanted = 0;
  for (std::size_t i = 1; i < run.demand.size(); ++i) {
    if (run.demand[i] != run.demand[i - 1]) ++wanted;
  }
  return (changes<&SecondRow::supply>(run, 0) - wanted) * 3600.0 / seconds(run);
}

Value direction_reversals_per_hour(const ScoredRun& run) {
  int reversals = 0;
  int direction = 0;
  for (std::size_t i = 1; i < run.rows.size(); ++i) {
    const int sign = step(run.rows[i - 1].spec_replicas, run.rows[i].spec_replicas);
    if (sign == 0) continue;
    if (sign == -direction) ++reversals;
    direction = sign;
  }
  return reversals * 3600.0 / seconds(run);
}

Value scale_ups(const ScoredRun& run) { return changes<&SecondRow::spec_replicas>(run, 1); }
Value scale_downs(const ScoredRun& run) { return changes<&SecondRow::spec_replicas>(run, -1); }

Value reconnects_per_scale_event(const ScoredRun& run) {
  const int events = changes<&SecondRow::spec_replicas>(run, 0);
  return events > 0 ? total(run, &SecondRow::reconnects) / events : kNaN;
}

// Over the seconds in which it is known.
Value jain_index_mean(const ScoredRun& run) {
  double sum = 0;
  double count = 0;
  bool any = false;
  for (const SecondRow& row : run.rows) {
    if (row.connections == 0) continue;
    any = true;
    if (!row.jain_index) continue;
    sum += *row.jain_index;
    ++count;
  }
  if (count > 0) return sum / count;
  return any ? Value() : 1.0;
}

// From the fault to the end of the last violated second before the first calm minute (or before
// the end of the run, when that comes first and its last second is calm).
double recovery_s(const ScoredRun& run, std::int64_t fault_s) {
  double recovered = 0;
  std::size_t calm = 0;
  for (std::size_t i = 0; i < run.rows.size() && calm < kCalmSeconds; ++i) {
    if (run.rows[i].time_s < fault_s) continue;
    calm = run.violated[i] ? 0 : calm + 1;
    if (calm == 0) recovered = static_cast<double>(run.rows[i].time_s + 1 - fault_s);
  }
  return calm > 0 ? recovered : kInfinity;
}

Value recovery_max_s(const ScoredRun& run) {
  if (!run.violations_known && !run.fault_times_s.empty()) return std::nullopt;
  double longest = kNaN;
  for (const std::int64_t fault_s : run.fault_times_s) {
    const double recovery = recovery_s(run, fault_s);
    if (!(recovery <= longest)) longest = recovery;
  }
  return longest;
}

using enum Better;
using Row = SecondRow;
using Clients = ClientHistograms;

constexpr std::array kScores{
    ScoreEntry{"scored_s", "s", neither, "length of the scored part of the run", scored_s},
    ScoreEntry{"violation_s", "s", lower, "seconds beyond the objective, or with refusals as full",
               violation_s},
    ScoreEntry{"refused_share", "share", lower, "attempts refused or failed, of all attempts",
               refused_share},
    ScoreEntry{"sessions_lost", "", lower, "sessions that gave up after max_attempts",
               sum_of<&Row::sessions_lost>},
    ScoreEntry{"connections_cut_by_scaling", "", lower,
               "killed or closed without a close frame by scaling", sum_of<&Row::cut_by_scaling>},
    ScoreEntry{"connections_moved_by_scaling", "", lower,
               "closed with a close frame by a drain, in time", sum_of<&Row::moved_by_scaling>},
    ScoreEntry{"connections_closed_by_shedding", "", lower,
               "closed to even out pods that stay in service", sum_of<&Row::closed_by_shedding>},
    ScoreEntry{"connections_cut_by_failure", "", lower,
               "cut by faults, crashes and out-of-memory kills", sum_of<&Row::cut_by_failure>},
    ScoreEntry{"reconnects", "", lower, "attempts of sessions that had been open before",
               sum_of<&Row::reconnects>},
    ScoreEntry{"reconnects_peak_per_second", "1/s", lower, "most reconnects in one second",
               max_of<&Row::reconnects>},
    ScoreEntry{"reconnects_per_scale_event", "", lower, "reconnects per change of spec.replicas",
               reconnects_per_scale_event},
    ScoreEntry{"time_to_connect_p50_s", "s", lower,
               "median over sessions, from intended start to open",
               quantile_s<&Clients::time_to_connect, 500>},
    ScoreEntry{"time_to_connect_p99_s", "s", lower, "99th percentile of the time to connect",
               quantile_s<&Clients::time_to_connect, 990>},
    ScoreEntry{"time_to_connect_p999_s", "s", lower, "99.9th percentile of the time to connect",
               quantile_s<&Clients::time_to_connect, 999>},
    ScoreEntry{"attempt_time_p99_s", "s", lower, "99th percentile over attempts that opened",
               quantile_s<&Clients::attempt_time, 990>},
    ScoreEntry{"message_latency_p50_s", "s", lower, "median latency of a message",
               quantile_s<&Clients::message_latency, 500>},
    ScoreEntry{"message_latency_p99_s", "s", lower, "99th percentile of the message latency",
               quantile_s<&Clients::message_latency, 990>},
    ScoreEntry{"deliveries_missed_share", "share", lower,
               "room messages that members on other pods missed", deliveries_missed_share},
    ScoreEntry{"store_stale_s", "s", lower, "time with the session store off by over 1 %",
               store_stale_s},
    ScoreEntry{"recovery_max_s", "s", lower, "longest from a fault until the objective held again",
               recovery_max_s},
    ScoreEntry{"pod_hours", "pod hours", lower, "pods between scheduled and gone, over time",
               hours_of<&Row::pod_seconds>},
    ScoreEntry{"cpu_core_hours", "core hours", neither, "CPU that the pods used",
               hours_of<&Row::cpu_cores>},
    ScoreEntry{"accuracy_under_percent", "percent", lower,
               "pods missing, as a share of demand, mean over time", accuracy_under_percent},
    ScoreEntry{"accuracy_over_percent", "percent", lower,
               "pods too many, as a share of demand, mean over time", accuracy_over_percent},
    ScoreEntry{"time_under_percent", "percent", lower, "time with fewer pods than demand",
               time_under_percent},
    ScoreEntry{"time_over_percent", "percent", lower, "time with more pods than demand",
               time_over_percent},
    ScoreEntry{"instability_percent", "percent", lower, "time in which supply moved against demand",
               instability_percent},
    ScoreEntry{"jitter_per_hour", "1/h", neither, "changes of supply less changes of demand",
               jitter_per_hour},
    ScoreEntry{"direction_reversals_per_hour", "1/h", lower,
               "changes of spec.replicas against the one before", direction_reversals_per_hour},
    ScoreEntry{"scale_ups", "", neither, "seconds in which spec.replicas rose", scale_ups},
    ScoreEntry{"scale_downs", "", neither, "seconds in which spec.replicas fell", scale_downs},
    ScoreEntry{"ready_replicas_mean", "pods", neither, "pods in the ingress' eyes, mean over time",
               mean_of<&Row::ready_replicas>},
    ScoreEntry{"ready_replicas_max", "pods", neither, "the most of them at a second's end",
               max_of<&Row::ready_replicas>},
    ScoreEntry{"jain_index_mean", "index", higher,
               "evenness of connections per pod, mean over time", jain_index_mean},
    ScoreEntry{"connections_max", "", neither, "most connections open at a second's end",
               max_of<&Row::connections>},
    ScoreEntry{"sessions", "", neither, "sessions whose intended start was scored",
               sum_of<&Row::arrivals>},
    ScoreEntry{"sessions_completed", "", neither, "sessions that reached their own end",
               sum_of<&Row::sessions_completed>},
    ScoreEntry{"attempts", "", neither, "connection attempts that ended", sum_of<&Row::attempts>},
};

}  // namespace

std::span<const ScoreEntry> score_table() { return kScores; }

const ScoreEntry* find_score(std::string_view name) {
  const auto* found =
      std::ranges::find_if(kScores, [&](const ScoreEntry& entry) { return entry.name == name; });
  return found == kScores.end() ? nullptr : found;
}

std::vector<std::string> score_names() {
  std::vector<std::string> names;
  for (const ScoreEntry& entry : kScores) names.emplace_back(entry.name);
  return names;
}

bool has_direction(std::string_view name) {
  const ScoreEntry* entry = find_score(name);
  return entry != nullptr && entry->better != Better::neither;
}

std::optional<bool> violates_objective(const SecondRow& row) {
  const bool late = static_cast<double>(row.attempts_late) >
                        kToleratedShare * static_cast<double>(row.attempts) ||
                    row.messages_late > kToleratedShare * row.messages;
  if (late) return true;
  if (!row.refused_for_capacity) return std::nullopt;
  return *row.refused_for_capacity > 0;
}

int demand_of(const Objective& objective, const SecondRow& row) {
  return demand(objective, static_cast<double>(row.offered_sessions), row.offered_cpu_cores);
}

Scores compute_scores(const ScoreInput& input) {
  const auto first = std::ranges::find_if(
      input.rows, [&](const SecondRow& row) { return row.time_s * kSecond >= input.warmup; });
  ScoredRun run{.rows = {first, input.rows.end()},
                .demand = {},
                .violated = {},
                .fault_times_s = {},
                .clients = input.clients};
  for (const SecondRow& row : run.rows) {
    run.demand.push_back(demand_of(input.objective, row));
    const std::optional<bool> violated = violates_objective(row);
    run.violated.push_back(violated.value_or(false));
    run.violations_known = run.violations_known && violated;
  }
  for (const FleetEvent& event : input.events) {
    const std::int64_t second = event.time / kSecond;
    if (event.kind == "fault" && event.time >= input.warmup && !run.rows.empty() &&
        second <= run.rows.back().time_s) {
      run.fault_times_s.push_back(second);
    }
  }
  Scores scores;
  for (const ScoreEntry& entry : kScores) {
    const Value value = run.rows.empty() ? kNaN : entry.value(run);
    scores.push_back({entry.name, value.value_or(kNaN), !value});
  }
  return scores;
}

std::optional<double> score_value(const Scores& scores, std::string_view name) {
  const auto found =
      std::ranges::find_if(scores, [&](const Score& score) { return score.name == name; });
  if (found == scores.end()) return std::nullopt;
  return found->value;
}

std::optional<double> elastic_speedup(const Scores& scaled, const Scores& baseline) {
  double product = 1;
  for (const char* name : {"accuracy_under_percent", "accuracy_over_percent", "time_under_percent",
                           "time_over_percent"}) {
    const double with = score_value(scaled, name).value_or(kNaN);
    const double without = score_value(baseline, name).value_or(kNaN);
    if (std::isnan(with) || std::isnan(without)) return std::nullopt;
    product *= std::max(without, kSpeedupFloorPercent) / std::max(with, kSpeedupFloorPercent);
  }
  return std::pow(product, 0.25);
}

}  // namespace wsfleet
