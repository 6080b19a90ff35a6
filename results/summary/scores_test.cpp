// SPDX-License-Identifier: Apache-2.0
// Every score on a run of a few seconds, worked out by hand.
#include "results/summary/scores.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "results/testing/sample_runs.h"

namespace wsfleet {
namespace {

// Ten pods' worth of sessions is 100 at 10 a pod.
constexpr Objective kObjective{.connections_per_pod = 10, .min_replicas = 1, .cores_per_pod = 1};

SecondRow row(std::int64_t time_s) {
  SecondRow result;
  result.time_s = time_s;
  result.spec_replicas = 2;
  result.ready_replicas = 2;
  result.supply = 2;
  result.offered_sessions = 20;  // d = 2
  return result;
}

std::vector<SecondRow> rows(std::size_t count) {
  std::vector<SecondRow> result;
  for (std::size_t i = 0; i < count; ++i) result.push_back(row(static_cast<std::int64_t>(i)));
  return result;
}

class TinyRun {
 public:
  explicit TinyRun(std::vector<SecondRow> recorded) : rows(std::move(recorded)) {}

  double score(const char* name) const {
    const Scores scores = compute_scores({.rows = rows,
                                          .events = events,
                                          .clients = clients,
                                          .objective = objective,
                                          .warmup = warmup});
    return score_value(scores, name).value();
  }
  /// That the world could not know it, which is not the same as nothing to measure.
  bool unknown(const std::string& name) const {
    const Scores scores = compute_scores({.rows = rows,
                                          .events = events,
                                          .clients = clients,
                                          .objective = objective,
                                          .warmup = warmup});
    const auto found = std::ranges::find(scores, name, &Score::name);
    return found->unknown && std::isnan(found->value);
  }

  std::vector<SecondRow> rows;
  std::vector<FleetEvent> events;
  ClientHistograms clients;
  Objective objective = kObjective;
  TimeNs warmup = 0;
};

TEST(Scores, NamesAreUniqueAndMeaningsFitOneLine) {
  std::set<std::string> seen;
  for (const ScoreEntry& entry : score_table()) {
    EXPECT_TRUE(seen.insert(entry.name).second) << entry.name;
    EXPECT_LE(std::string(entry.meaning).size(), 54u) << entry.name;
    EXPECT_LE(std::string(entry.name).size(), 32u) << entry.name;
  }
}

TEST(Scores, DeliveriesMissedAreAShareOfThoseWanted) {
  TinyRun run(rows(4));
  EXPECT_TRUE(std::isnan(run.score("deliveries_missed_share")));  // nobody said anything
  run.rows[1].deliveries = 30;
  EXPECT_EQ(run.score("deliveries_missed_share"), 0);
  run.rows[2].deliveries_missed = 10;
  EXPECT_DOUBLE_EQ(run.score("deliveries_missed_share"), 0.25);
}

TEST(Scores, TheStoreIsStaleWhereItIsOffByMoreThanAHundredth) {
  TinyRun run(rows(5));
  for (SecondRow& second : run.rows) second.connections = 200;
  EXPECT_TRUE(std::isnan(run.score("store_stale_s")));  // there is no store
  run.rows[0].sessions_stored = 200;
  run.rows[1].sessions_stored = 198;
  run.rows[2].sessions_stored = 197;
  run.rows[3].sessions_stored = 203;
  EXPECT_EQ(run.score("store_stale_s"), 3);  // the last one has lost them all
}

TEST(Scores, HoldsEveryNameThatScriptsMayCountOn) {
  for (const char* name : {"pod_hours",
                           "refused_share",
                           "sessions_lost",
                           "connections_moved_by_scaling",
                           "connections_cut_by_scaling",
                           "reconnects",
                           "reconnects_peak_per_second",
                           "time_to_connect_p50_s",
                           "time_to_connect_p99_s",
                           "time_to_connect_p999_s",
                           "message_latency_p99_s",
                           "violation_s",
                           "accuracy_under_percent",
                           "accuracy_over_percent",
                           "time_under_percent",
                           "time_over_percent",
                           "direction_reversals_per_hour",
                           "jain_index_mean",
                           "ready_replicas_mean",
                           "ready_replicas_max"}) {
    EXPECT_NE(find_score(name), nullptr) << name;
  }
  EXPECT_EQ(find_score("pod_hour"), nullptr);
}

TEST(Scores, PodAndCoreHoursIntegrateOverTime) {
  TinyRun run(rows(4));
  for (SecondRow& each : run.rows) each.pod_seconds = 2.5;
  run.rows[3].cpu_cores = 7.2;
  EXPECT_DOUBLE_EQ(run.score("pod_hours"), 10.0 / 3600);
  EXPECT_DOUBLE_EQ(run.score("cpu_core_hours"), 7.2 / 3600);
  EXPECT_EQ(run.score("scored_s"), 4);
}

TEST(Scores, RefusedShareIsRefusedAndFailedOfAllAttempts) {
  TinyRun run(rows(2));
  run.rows[0].attempts = 10;
  run.rows[0].opened = 8;
  run.rows[0].refused = 2;
  run.rows[1].attempts = 10;
  run.rows[1].opened = 7;
  run.rows[1].failed = 3;
  EXPECT_DOUBLE_EQ(run.score("refused_share"), 0.25);
  EXPECT_EQ(run.score("attempts"), 20);
  EXPECT_EQ(TinyRun(rows(2)).score("refused_share"), 0);  // no attempt, none refused
}

TEST(Scores, CountsAreSummed) {
  TinyRun run(rows(2));
  for (SecondRow& each : run.rows) {
    each.sessions_lost = 1;
    each.moved_by_scaling = 2;
    each.cut_by_scaling = 3;
    each.closed_by_shedding = 4;
    each.cut_by_failure = 5;
    each.arrivals = 6;
    each.sessions_completed = 7;
  }
  run.rows[0].reconnects = 8;
  run.rows[1].reconnects = 11;
  run.rows[1].spec_replicas = 3;
  run.rows[0].connections = 90;
  EXPECT_EQ(run.score("sessions_lost"), 2);
  EXPECT_EQ(run.score("connections_moved_by_scaling"), 4);
  EXPECT_EQ(run.score("connections_cut_by_scaling"), 6);
  EXPECT_EQ(run.score("connections_closed_by_shedding"), 8);
  EXPECT_EQ(run.score("connections_cut_by_failure"), 10);
  EXPECT_EQ(run.score("sessions"), 12);
  EXPECT_EQ(run.score("sessions_completed"), 14);
  EXPECT_EQ(run.score("reconnects"), 19);
  EXPECT_EQ(run.score("reconnects_peak_per_second"), 11);
  EXPECT_EQ(run.score("reconnects_per_scale_event"), 19);
  EXPECT_EQ(run.score("connections_max"), 90);
}

TEST(Scores, ReconnectsPerScaleEventHasNoValueWithoutOne) {
  EXPECT_TRUE(std::isnan(TinyRun(rows(3)).score("reconnects_per_scale_event")));
}

TEST(Scores, QuantilesAreInSeconds) {
  TinyRun run(rows(1));
  for (int i = 0; i < 98; ++i) run.clients.time_to_connect.record(kSecond / 2);
  run.clients.time_to_connect.record(4 * kSecond);
  run.clients.time_to_connect.record_infinite();  // gave up
  run.clients.attempt_time.record(kSecond);
  run.clients.message_latency.record(10 * kMillisecond, 99.5);
  run.clients.message_latency.record(kSecond, 0.5);
  EXPECT_NEAR(run.score("time_to_connect_p50_s"), 0.5, 0.5 / 64);
  EXPECT_NEAR(run.score("time_to_connect_p99_s"), 4, 4.0 / 64);
  EXPECT_TRUE(std::isinf(run.score("time_to_connect_p999_s")));
  EXPECT_NEAR(run.score("attempt_time_p99_s"), 1, 1.0 / 64);
  EXPECT_NEAR(run.score("message_latency_p50_s"), 0.01, 0.01 / 64);
  EXPECT_NEAR(run.score("message_latency_p99_s"), 0.01, 0.01 / 64);
  EXPECT_TRUE(std::isnan(TinyRun(rows(1)).score("message_latency_p99_s")));  // none was sent
}

TEST(Scores, ASecondIsViolatedAboveOnePercentOrWhenRefusedForCapacity) {
  TinyRun run(rows(6));
  run.rows[0].attempts = 100;
  run.rows[0].attempts_late = 1;  // exactly 1 %: met
  run.rows[1].attempts = 100;
  run.rows[1].attempts_late = 2;
  run.rows[2].messages = 1000;
  run.rows[2].messages_late = 10;  // met
  run.rows[3].messages = 1000;
  run.rows[3].messages_late = 10.5;
  run.rows[4].attempts = 1000;
  run.rows[4].refused_for_capacity = 1;
  EXPECT_EQ(run.score("violation_s"), 3);
}

TEST(Scores, AccuracyAndTimeUnderAndOver) {
  TinyRun run(rows(4));  // d = 2 throughout
  run.rows[0].supply = 1;
  run.rows[2].supply = 5;
  run.rows[3].offered_sessions = 41;  // d = 5, s = 2
  EXPECT_DOUBLE_EQ(run.score("accuracy_under_percent"), 100.0 / 4 * (0.5 + 0.6));
  EXPECT_DOUBLE_EQ(run.score("accuracy_over_percent"), 100.0 / 4 * 1.5);
  EXPECT_DOUBLE_EQ(run.score("time_under_percent"), 50);
  EXPECT_DOUBLE_EQ(run.score("time_over_percent"), 25);
}

TEST(Scores, DemandFollowsTheCpuWorkToo) {
  TinyRun run(rows(1));
  run.rows[0].offered_cpu_cores = 3.5;  // 4 pods of a core
  EXPECT_DOUBLE_EQ(run.score("accuracy_under_percent"), 50);
}

TEST(Scores, WithoutDemandThePodsThatRunAreTooMany) {
  TinyRun run(rows(1));
  run.objective.min_replicas = 0;
  run.rows[0].offered_sessions = 0;
  EXPECT_EQ(run.score("accuracy_over_percent"), 200);  // of one pod
  EXPECT_EQ(run.score("accuracy_under_percent"), 0);
}

TEST(Scores, DirectionReversalsCountTurnsOfSpecReplicas) {
  TinyRun run(rows(8));
  const int spec[] = {2, 4, 4, 6, 5, 5, 7, 7};  // up, up, down, up
  for (std::size_t i = 0; i < 8; ++i) run.rows[i].spec_replicas = spec[i];
  EXPECT_DOUBLE_EQ(run.score("direction_reversals_per_hour"), 2 * 3600.0 / 8);
  EXPECT_EQ(run.score("scale_ups"), 3);
  EXPECT_EQ(run.score("scale_downs"), 1);
}

TEST(Scores, JitterIsChangesOfSupplyLessChangesOfDemand) {
  TinyRun run(rows(6));
  run.rows[1].supply = 3;             // 2 3 2 2 2 2: two changes
  run.rows[5].offered_sessions = 30;  // one
  EXPECT_DOUBLE_EQ(run.score("jitter_per_hour"), 1 * 3600.0 / 6);
}

TEST(Scores, InstabilityIsTimeInWhichSupplyMovesAgainstDemand) {
  TinyRun run(rows(121));  // 61 seconds have one a minute before them
  for (std::size_t i = 100; i < 121; ++i) {
    run.rows[i].supply = 1;              // fell
    run.rows[i].offered_sessions = 100;  // while demand rose: 21 seconds
  }
  EXPECT_DOUBLE_EQ(run.score("instability_percent"), 100.0 * 21 / 61);
  for (std::size_t i = 100; i < 121; ++i) run.rows[i].supply = 3;
  EXPECT_EQ(run.score("instability_percent"), 0);
}

TEST(Scores, JainIndexAveragesSecondsWithConnections) {
  TinyRun run(rows(3));
  run.rows[0].connections = 10;
  run.rows[0].jain_index = 0.5;
  run.rows[1].connections = 10;
  run.rows[1].jain_index = 0.9;
  EXPECT_DOUBLE_EQ(run.score("jain_index_mean"), 0.7);
  EXPECT_EQ(TinyRun(rows(3)).score("jain_index_mean"), 1);
}

TEST(Scores, ReadyReplicas) {
  TinyRun run(rows(4));
  run.rows[2].ready_replicas = 8;
  EXPECT_DOUBLE_EQ(run.score("ready_replicas_mean"), 14.0 / 4);
  EXPECT_EQ(run.score("ready_replicas_max"), 8);
}

TEST(Scores, RecoveryEndsWithTheLastViolationBeforeACalmMinute) {
  TinyRun run(rows(200));
  const auto violate = [&](std::size_t second) { run.rows[second].refused_for_capacity = 1; };
  run.events.push_back(event_at(10 * kSecond + 5, "fault"));
  violate(9);  // before it
  violate(12);
  violate(40);   // within a minute of 12
  violate(150);  // long after
  EXPECT_EQ(run.score("recovery_max_s"), 31);
  run.events.push_back(event_at(145 * kSecond, "fault"));
  EXPECT_EQ(run.score("recovery_max_s"), 31);  // the second took 6
  violate(199);
  EXPECT_TRUE(std::isinf(run.score("recovery_max_s")));  // 150 to 199 is no minute, nor the end
  run.events.clear();
  EXPECT_TRUE(std::isnan(run.score("recovery_max_s")));
}

TEST(Scores, WarmupIsNotScored) {
  TinyRun run(rows(10));
  run.rows[3].cut_by_scaling = 5;
  run.rows[4].cut_by_scaling = 7;
  run.rows[4].spec_replicas = 9;  // the step from row 3 lies before the scored part
  for (std::size_t i = 5; i < 10; ++i) run.rows[i].spec_replicas = 9;
  run.events.push_back(event_at(2 * kSecond, "fault"));
  run.warmup = 4 * kSecond;
  EXPECT_EQ(run.score("connections_cut_by_scaling"), 7);
  EXPECT_EQ(run.score("scored_s"), 6);
  EXPECT_EQ(run.score("scale_ups"), 0);
  EXPECT_TRUE(std::isnan(run.score("recovery_max_s")));
  run.warmup = 10 * kSecond;  // nothing left
  EXPECT_TRUE(std::isnan(run.score("pod_hours")));
  EXPECT_TRUE(std::isnan(run.score("ready_replicas_max")));
}

TEST(Scores, ElasticSpeedupIsTheGeometricMeanOfFourRatiosWithAFloor) {
  const auto four = [](double au, double ao, double tu, double to) {
    return Scores{{"accuracy_under_percent", au},
                  {"accuracy_over_percent", ao},
                  {"time_under_percent", tu},
                  {"time_over_percent", to}};
  };
  EXPECT_NEAR(elastic_speedup(four(1, 2, 4, 8), four(16, 2, 4, 8)).value(), 2, 1e-12);
  // 0 counts as 0.1: (10 / 0.1)^(1/4).
  EXPECT_NEAR(elastic_speedup(four(0, 2, 4, 8), four(10, 2, 4, 8)).value(), std::pow(100, 0.25),
              1e-12);
  EXPECT_FALSE(elastic_speedup(four(1, 2, 4, 8), Scores{}).has_value());
}

TEST(Scores, WhatAWorldCannotKnowIsUnknownAndNotZero) {
  TinyRun run(rows(3));
  EXPECT_FALSE(run.unknown("deliveries_missed_share"));  // nothing was said: no value
  for (const char* known : {"connections_cut_by_scaling", "cpu_core_hours", "violation_s"}) {
    EXPECT_FALSE(run.unknown(known)) << known;
  }
  run.rows[1].deliveries = 30;
  run.rows[1].deliveries_missed.reset();
  run.rows[1].sessions_stored.reset();
  run.rows[1].cut_by_scaling.reset();
  run.rows[1].cpu_cores.reset();
  for (const char* name : {"deliveries_missed_share", "store_stale_s", "connections_cut_by_scaling",
                           "cpu_core_hours"}) {
    EXPECT_TRUE(run.unknown(name)) << name;
  }
  run.warmup = 2 * kSecond;  // that second is not scored
  EXPECT_FALSE(run.unknown("connections_cut_by_scaling"));
}

TEST(Scores, ASecondThatIsLateAnywayNeedsNoRefusalsToBeViolated) {
  TinyRun run(rows(3));
  run.rows[1].attempts = run.rows[1].attempts_late = 5;
  run.rows[1].refused_for_capacity.reset();
  EXPECT_EQ(run.score("violation_s"), 1);
  run.rows[2].refused_for_capacity.reset();
  EXPECT_TRUE(run.unknown("violation_s"));
  EXPECT_FALSE(run.unknown("recovery_max_s"));  // there was no fault
  run.events.push_back(event_at(0, "fault"));
  EXPECT_TRUE(run.unknown("recovery_max_s"));
}

TEST(Scores, JainIndexIsOfTheSecondsInWhichItIsKnown) {
  TinyRun run(rows(3));
  for (SecondRow& each : run.rows) each.connections = 10;
  run.rows[0].jain_index = 0.5;
  run.rows[1].jain_index.reset();
  run.rows[2].jain_index = 0.7;
  EXPECT_DOUBLE_EQ(run.score("jain_index_mean"), 0.6);
  for (SecondRow& each : run.rows) each.jain_index.reset();
  EXPECT_TRUE(run.unknown("jain_index_mean"));
}

}  // namespace
}  // namespace wsfleet
