// SPDX-License-Identifier: Apache-2.0
// Golden texts: what a terminal shows, to the character.
#include "results/summary/text_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "results/testing/sample_runs.h"
#include "results/text_table.h"

namespace wsfleet {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// The widest line, colour codes apart.
std::size_t widest(const std::string& text) {
  std::size_t most = 0;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = text.find('\n', begin);
    most = std::max(most, shown_width(std::string_view(text).substr(begin, end - begin)));
    begin = end + 1;
  }
  return most;
}

TEST(FormatValue, AdaptsToTheSize) {
  EXPECT_EQ(format_value(0), "0");
  EXPECT_EQ(format_value(12), "12");
  EXPECT_EQ(format_value(12.345), "12.3");
  EXPECT_EQ(format_value(1.2345), "1.23");
  EXPECT_EQ(format_value(0.0012345), "0.00123");
  EXPECT_EQ(format_value(999.4), "999");
  EXPECT_EQ(format_value(999.7), "1,000");
  EXPECT_EQ(format_value(1234567.8), "1,234,568");
  EXPECT_EQ(format_value(-1234.5), "-1,234");
  EXPECT_EQ(format_value(-0.0), "0");
  EXPECT_EQ(format_value(1.5e-9), "1.5e-09");
  EXPECT_EQ(format_value(2.5e15), "2.50e+15");
  EXPECT_EQ(format_value(kInfinity), "never");
  EXPECT_EQ(format_value(std::nan("")), "-");
}

TEST(FormatEstimate, MeanHasTheDecimalsOfItsInterval) {
  const auto text = [](std::vector<double> values) { return format_estimate(estimate(values)); };
  EXPECT_EQ(text({41, 42, 43}), "42.0 ± 2.5");
  EXPECT_EQ(text({3, 3, 3}), "3 ± 0");
  EXPECT_EQ(text({41.25}), "41.2");
  EXPECT_EQ(text({0.001, 0.0011}), "0.00105 ± 0.00064");
  EXPECT_EQ(text({10000, 12000, 14000}), "12,000 ± 5,000");
  EXPECT_EQ(text({kInfinity, kInfinity}), "never");
  EXPECT_EQ(text({kInfinity, 2, 2}), "2 (1/3 never)");
  EXPECT_EQ(text({std::nan("")}), "-");
}

TEST(FormatEstimate, FourDigitsOfTheMeanAtMost) {
  const auto text = [](double mean, double half_width) {
    return format_estimate({.values = 10, .mean = mean, .sd = 1, .half_width = half_width});
  };
  EXPECT_EQ(text(9.575, 0.047), "9.575 ± 0.047");
  EXPECT_EQ(text(16.1449, 0.081), "16.14 ± 0.08");
  EXPECT_EQ(text(0.081788927, 0.0000512), "0.08179 ± 0.00005");
  EXPECT_EQ(text(0.081788927, 0.000002), "0.0818 ± 0");
  EXPECT_EQ(text(12.0 / 11, 1e-16), "1.09 ± 0");
  EXPECT_EQ(text(24382, 83), "24,380 ± 80");
  EXPECT_EQ(text(1234567, 300), "1,235,000 ± 0");
  EXPECT_EQ(text(3, 1030), "0 ± 1,000");
  EXPECT_EQ(text(0, 0.123), "0.00 ± 0.12");
}

TEST(FormatDifference, IsSignedAndRoundedLikeAnEstimate) {
  EXPECT_EQ(format_difference({.mean = 18223, .half_width = 1013}), "+18,200 ± 1,000");
  EXPECT_EQ(format_difference({.mean = -0.74812, .half_width = 0.013}), "-0.748 ± 0.013");
}

TEST(TextTable, AlignsByWhatIsSeenAndCutsWideTables) {
  TextTable table({"score", "a", "b"});
  table.add_row({{"x", Tone::plain}, {"1 ± 2", Tone::good}, {"long enough", Tone::plain}});
  table.add_row({{"longer name", Tone::plain}, {"12 ± 34", Tone::plain}, {"-", Tone::dim}});
  EXPECT_EQ(table.render(false),
            "score              a            b\n"
            "x              1 ± 2  long enough\n"
            "longer name  12 ± 34            -\n");
  EXPECT_EQ(table.render(false, 25),
            "score              a\n"
            "x              1 ± 2\n"
            "longer name  12 ± 34\n"
            "\n"
            "score                  b\n"
            "x            long enough\n"
            "longer name            -\n");
  EXPECT_THAT(table.render(true), HasSubstr("\x1b[32m1 ± 2\x1b[0m"));
}

TEST(Wrap, BreaksAtBlanksAndIndents) {
  EXPECT_EQ(wrap("aa bb cc dd", 2, 6), "aa bb\n  cc\n  dd");
  EXPECT_EQ(wrap("", 2, 6), "");
}

// One minute of calm, one of refusals and cuts; the first ten seconds are warm-up.
struct Recorded {
  std::vector<SecondRow> rows;
  std::vector<FleetEvent> events;
  ClientHistograms clients;
  RunDetails details;
  RunSummary summary;
};

Recorded recorded() {
  Recorded run;
  run.details.warmup = 10 * kSecond;
  run.details.objective.connections_per_pod = 100;
  for (int i = 0; i < 130; ++i) {
    SecondRow row{.time_s = i,
                  .spec_replicas = 2,
                  .ready_replicas = 2,
                  .supply = 2,
                  .pod_seconds = 2,
                  .offered_sessions = 200,
                  .connections = 200,
                  .arrivals = 1,
                  .attempts = 1,
                  .opened = 1,
                  .messages = 10};
    if (i >= 70 && i < 90) {
      row.offered_sessions = 500;
      row.attempts = 21;
      row.refused_for_capacity = row.refused = row.attempts_late = 20;
    }
    if (i >= 80) row.spec_replicas = row.ready_replicas = row.supply = 5;
    if (i >= 120) row.spec_replicas = row.ready_replicas = row.supply = 3;
    if (i == 120) row.cut_by_scaling = 85;
    if (i == 121) row.reconnects = 85;
    run.rows.push_back(row);
  }
  run.events = {event_at(80 * kSecond, "scaled"), event_at(81 * kSecond, "pod_ready"),
                event_at(120 * kSecond, "scaled")};
  run.clients.time_to_connect.record(40 * kMillisecond, 95);
  run.clients.time_to_connect.record_infinite(5);
  run.summary = run_with("hpa", 7,
                         compute_scores({.rows = run.rows,
                                         .events = run.events,
                                         .clients = run.clients,
                                         .objective = run.details.objective,
                                         .warmup = run.details.warmup}));
  run.summary.simulated_s = 130;
  run.summary.wall_s = 0.25;
  run.summary.events = 12345;
  run.summary.expect = {{"refused_share < 0.01", 0.769, false}, {"sessions_lost == 0", 0, true}};
  run.summary.notices = {"redis_outage is not supported by this backend"};
  run.summary.directory = "runs/flash-crowd-hpa-7";
  return run;
}

TEST(RunText, TellsWhatTheRunDid) {
  const Recorded run = recorded();
  EXPECT_EQ(run_text(run.summary, run.rows, run.events, run.details, {}),
            R"(flash-crowd, policy hpa, seed 7 (simulated): 2m 10s, in 250ms, 12,345 events

violation_s                               20  seconds beyond the objective, or with refusals as full
refused_share                          0.769  attempts refused or failed, of all attempts
sessions_lost                              0  sessions that gave up after max_attempts
connections_cut_by_scaling                85  killed or closed without a close frame by scaling
connections_moved_by_scaling               0  closed with a close frame by a drain, in time
reconnects                                85  attempts of sessions that had been open before
time_to_connect_p50_s                 0.0404  median over sessions, from intended start to open
time_to_connect_p99_s                  never  99th percentile of the time to connect
message_latency_p99_s                      -  99th percentile of the message latency
pod_hours                             0.0667  pods between scheduled and gone, over time
time_under_percent                      8.33  time with fewer pods than demand
time_over_percent                       33.3  time with more pods than demand
ready_replicas_mean                     3.08  pods in the ingress' eyes, mean over time
ready_replicas_max                         5  the most of them at a second's end
direction_reversals_per_hour              30  changes of spec.replicas against the one before
jain_index_mean                            1  evenness of connections per pod, mean over time

Replicas: 2 ready at 0:00:10, at most 5 at 0:01:21, 3 at the end; raised 1 time, lowered 1 time.
Refused or failed: 400 attempts, at most 20 in a second, at 0:01:10.
Cut by scaling: 85 connections, at most 85 in a second, at 0:02:00.
Worst minute: from 0:01:10, 20 s beyond the objective, 400 of 460 attempts refused or failed, 85
  connections cut; at its end 3 pods were up and 2 needed.
Events: 1 pod_ready, 2 scaled.

missed  refused_share < 0.01 (0.769)
met     sessions_lost == 0 (0)
note: redis_outage is not supported by this backend

Results: runs/flash-crowd-hpa-7
)");
}

TEST(RunText, FitsTheTerminalAndColoursOnlyWhenAsked) {
  Recorded run = recorded();
  run.summary.policy += ":behavior.scale_down.stabilization_window=\"10m\",target_connections=300";
  run.summary.notices.push_back(std::string(30, 'x') + " " + std::string(80, 'y'));
  const std::string plain = run_text(run.summary, run.rows, run.events, run.details, {});
  EXPECT_LE(widest(plain), kTextColumns);
  EXPECT_THAT(plain, Not(HasSubstr("\x1b")));
  EXPECT_THAT(run_text(run.summary, run.rows, run.events, run.details, {.color = true}),
              HasSubstr("\x1b[31mmissed\x1b[0m"));
}

TEST(RunText, ARunThatEndedInItsWarmupOrWithoutAnythingRecorded) {
  Recorded run = recorded();
  run.details.warmup = kHour;
  run.summary.stopped = true;
  EXPECT_THAT(run_text(run.summary, run.rows, run.events, run.details, {}),
              HasSubstr("Nothing was scored: the run ended within its warm-up."));
  EXPECT_THAT(run_text(run.summary, {}, {}, run.details, {}), HasSubstr("stopped by the user"));
}

TEST(AllScoresText, HasALineForEach) {
  const std::string text = all_scores_text(recorded().summary.scores);
  for (const ScoreEntry& entry : score_table()) EXPECT_THAT(text, HasSubstr(entry.name));
  EXPECT_LE(widest(text), kTextColumns);
}

std::vector<RunSummary> reported_runs() {
  std::vector<RunSummary> result;
  for (const std::uint64_t seed : {1, 2, 3, 4, 5}) {
    const double w = static_cast<double>(seed * 3 % 5) / 5;
    const double v = static_cast<double>(seed * 2 % 5) / 5;
    result.push_back(run_with("original", seed,
                              {{"violation_s", 1520 + 10 * w},
                               {"refused_share", 0.31 + 0.01 * w},
                               {"sessions_lost", 0},
                               {"connections_cut_by_scaling", 3},
                               {"time_to_connect_p99_s", seed < 5 ? kInfinity : 80},
                               {"pod_hours", 21.3 + w},
                               {"ready_replicas_max", 12},
                               {"scored_s", 3300},
                               {"sessions", 22000 + 100 * w}}));
    result.push_back(run_with("hpa", seed,
                              {{"violation_s", 214 + 9 * v},
                               {"refused_share", 0.02 + 0.001 * v},
                               {"sessions_lost", 0},
                               {"connections_cut_by_scaling", 412 + 30 * v},
                               {"time_to_connect_p99_s", 4 + v},
                               {"pod_hours", 21.5 + v},
                               {"ready_replicas_max", 44},
                               {"scored_s", 3300},
                               {"sessions", 22000 + 100 * w}}));
  }
  return result;
}

TEST(ComparisonText, ReadsWellInAHundredColumns) {
  const std::string text = comparison_text(build_comparison(reported_runs()), {});
  EXPECT_EQ(text, R"(flash-crowd (simulated, 5 seeds)

score                              original                hpa
violation_s                       1,524 ± 4        217.6 ± 3.5
refused_share               0.3140 ± 0.0039  0.02040 ± 0.00039
connections_cut_by_scaling            3 ± 0           424 ± 12
time_to_connect_p99_s        80 (4/5 never)        4.40 ± 0.39
pod_hours                      21.70 ± 0.39       21.90 ± 0.39
ready_replicas_max                   12 ± 0             44 ± 0
0 or nothing to measure for every policy: sessions_lost

difference to original                          hpa
violation_s                       -1,306 ± 5 better
refused_share               -0.2936 ± 0.0039 better
connections_cut_by_scaling          +421 ± 12 worse
time_to_connect_p99_s           ~ 0 higher, 5 lower
pod_hours                      ~ +0.20 ± 0.56 (3/5)
ready_replicas_max                          +32 ± 0
±: half of the 95 % confidence interval over seeds, for each score alone. ~: not significant (5 %
  over all scores of a pair of policies, Holm). 8/10: so many seeds have the sign of the majority,
  where not all do.

--all-scores shows 2 more scores.
)");
  EXPECT_LE(widest(text), kTextColumns);
}

TEST(ComparisonText, ShowsEveryScoreWhenAsked) {
  const std::string text = comparison_text(build_comparison(reported_runs()), {.all_scores = true});
  EXPECT_THAT(text, HasSubstr("\nscored_s  "));
  EXPECT_THAT(text, HasSubstr("\nsessions  "));
  EXPECT_THAT(text, Not(HasSubstr("--all-scores")));
}

// The longest score name, the longest names that are not numbered, the longest numbers.
TEST(ComparisonText, ThreePoliciesFitInOneTable) {
  std::vector<RunSummary> three;
  for (const std::string name : {"policy_of_21_columnsA", "policy_of_21_columnsB", "c"}) {
    for (const std::uint64_t seed : {1, 2, 3}) {
      const double x = 1e-3 * static_cast<double>(seed * seed);
      three.push_back(run_with(name, seed,
                               {{"refused_share", 0.001234 + 0.01 * x},
                                {"pod_hours", -123456.7 + 1e6 * x},
                                {"connections_closed_by_shedding", 1234567 + 1e7 * x}}));
    }
  }
  const std::string text = comparison_text(build_comparison(three), {.all_scores = true});
  EXPECT_THAT(text, HasSubstr("policy_of_21_columnsA  policy_of_21_columnsB  "));
  EXPECT_EQ(text.find("\nscore "), text.rfind("\nscore "));
  EXPECT_LE(widest(text), kTextColumns);
}

TEST(ComparisonText, ManyAndLongPoliciesStillFit) {
  std::vector<RunSummary> many;
  for (int policy = 0; policy < 7; ++policy) {
    for (RunSummary run : reported_runs()) {
      if (run.policy == "original") continue;
      run.policy = "hpa:target_connections=" + std::to_string(100 * policy) + ",tolerance=0.05";
      many.push_back(std::move(run));
    }
  }
  const std::string text = comparison_text(build_comparison(many), {});
  EXPECT_LE(widest(text), kTextColumns);
  EXPECT_THAT(text, HasSubstr("#7 is hpa:target_connections=600,tolerance=0.05"));
}

TEST(ComparisonText, OneSeedOrOnePolicyShowsNoDifferences) {
  const auto all = reported_runs();
  const std::string one_seed = comparison_text(build_comparison({all[0], all[1]}), {});
  EXPECT_THAT(one_seed, HasSubstr("1 seed: no differences can be claimed"));
  EXPECT_THAT(one_seed, Not(HasSubstr("difference to")));
  const std::string one_policy = comparison_text(build_comparison({all[1], all[3]}), {});
  EXPECT_THAT(one_policy, Not(HasSubstr("difference to")));
  EXPECT_THAT(comparison_text(build_comparison(all), {.color = true}), HasSubstr("better\x1b[0m"));
}

}  // namespace
}  // namespace wsfleet
