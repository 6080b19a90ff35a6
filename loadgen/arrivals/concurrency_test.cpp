// SPDX-License-Identifier: Apache-2.0
#include "loadgen/arrivals/concurrency.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "loadgen/session_lengths.h"
#include "loadgen/sessions.h"

namespace wsfleet {
namespace {

LengthSettings lengths(LengthDistribution distribution, TimeNs mean) {
  LengthSettings length;
  length.distribution = distribution;
  length.mean = mean;
  return length;
}

RateFunction steps(std::vector<RateStep> steps, TimeNs duration) {
  ArrivalSettings arrivals;
  arrivals.shape = ArrivalShape::steps;
  arrivals.steps = std::move(steps);
  return RateFunction(arrivals, LengthSettings{}, duration);
}

ArrivalSettings hilly_trace() {
  ArrivalSettings arrivals;
  arrivals.shape = ArrivalShape::trace;
  for (int i = 0; i < 240; ++i) {
    arrivals.trace.push_back({i * kMinute, 50 + 45 * std::sin(i / 20.0) + (i % 7)});
  }
  return arrivals;
}

TEST(ConcurrentPeak, ConstantRateFillsUpAsTheLengthsAllow) {
  // m(t) = rate * E[min(length, t)] rises throughout: the peak is at the end.
  const RateFunction rate = steps({{0, 3}}, kHour);
  for (const auto distribution : {LengthDistribution::exponential, LengthDistribution::lognormal,
                                  LengthDistribution::pareto, LengthDistribution::fixed}) {
    const LengthSettings length = lengths(distribution, 20 * kMinute);
    const double expected = 3 * limited_mean(length, 3600);
    EXPECT_NEAR(expected_concurrent_peak(rate, length), expected, 1e-6 * expected);
  }
}

TEST(ConcurrentPeak, OfABurstIsInsideOfTheRun) {
  // 10 a second for 10 minutes, lengths of 20 minutes on average: the peak is when the burst ends.
  const RateFunction rate = steps({{7 * kMinute, 10}, {17 * kMinute, 0}}, 2 * kHour);
  const LengthSettings exponential = lengths(LengthDistribution::exponential, 20 * kMinute);
  const double expected = 10 * 1200 * (1 - std::exp(-0.5));
  EXPECT_NEAR(expected_concurrent_peak(rate, exponential), expected, 0.005 * expected);
  const LengthSettings fixed = lengths(LengthDistribution::fixed, 20 * kMinute);
  EXPECT_NEAR(expected_concurrent_peak(rate, fixed), 6000, 0.005 * 6000);
}

TEST(ConcurrentPeak, LengthsFarShorterThanTheRunAreResolved) {
  // A burst of seconds that ends between cells, in an hour of sessions of 10 s: a cell of 0.9 s
  // (4,096 of them) would miss its peak by percents.
  const TimeNs begin = 1000 * kSecond + 300 * kMillisecond;
  const TimeNs end = begin + 3900 * kMillisecond;
  const RateFunction rate = steps({{0, 1}, {begin, 501}, {end, 1}}, kHour);
  const LengthSettings length = lengths(LengthDistribution::exponential, 10 * kSecond);
  const double expected = 10 + 5000 * (1 - std::exp(-0.39));
  EXPECT_NEAR(expected_concurrent_peak(rate, length), expected, 0.005 * expected);
}

TEST(ConcurrentPeak, AgreesWithASumOverTheRowsWrittenOut) {
  const ArrivalSettings arrivals = hilly_trace();
  const LengthSettings length = lengths(LengthDistribution::lognormal, 13 * kMinute);
  const RateFunction rate(arrivals, length, 4 * kHour);
  double peak = 0;
  for (double t = 0; t <= 14400; t += 5) {
    double sessions = 0;
    for (const TraceRow& row : arrivals.trace) {
      const double age = t - to_seconds(row.at);
      sessions += row.arrivals / 60 * (limited_mean(length, age) - limited_mean(length, age - 60));
    }
    peak = std::max(peak, sessions);
  }
  EXPECT_NEAR(expected_concurrent_peak(rate, length), peak, 0.002 * peak);
}

TEST(ConcurrentPeak, WithoutArrivalsIsZero) {
  EXPECT_EQ(expected_concurrent_peak(steps({{0, 0}}, kHour), LengthSettings{}), 0);
  EXPECT_EQ(expected_concurrent_peak(steps({{0, 1}}, 0), LengthSettings{}), 0);
}

TEST(PeakConcurrent, ScalesTheTraceToThePeak) {
  ArrivalSettings arrivals = hilly_trace();
  arrivals.offset = 31 * kMinute;
  arrivals.peak_concurrent = 20000;
  for (const auto distribution : {LengthDistribution::exponential, LengthDistribution::lognormal,
                                  LengthDistribution::pareto, LengthDistribution::fixed}) {
    const LengthSettings length = lengths(distribution, 7 * kMinute);
    const RateFunction rate(arrivals, length, 2 * kHour);
    EXPECT_NEAR(expected_concurrent_peak(rate, length), 20000, 0.01);
  }
}

TEST(PeakConcurrent, KeepsTheTracesProportions) {
  ArrivalSettings arrivals = hilly_trace();
  const RateFunction as_written(arrivals, LengthSettings{}, 2 * kHour);
  arrivals.peak_concurrent = 5000;
  const RateFunction scaled(arrivals, LengthSettings{}, 2 * kHour);
  const double factor = scaled.rate_at(0) / as_written.rate_at(0);
  EXPECT_GT(factor, 1);
  for (TimeNs time = 0; time < 2 * kHour; time += 10 * kMinute) {
    EXPECT_NEAR(scaled.rate_at(time), factor * as_written.rate_at(time), 1e-9 * factor);
  }
  EXPECT_NEAR(scaled.expected_before(kHour), factor * as_written.expected_before(kHour), 1e-3);
}

TEST(PeakConcurrent, IsReachedByTheSessionsThemselves) {
  ArrivalSettings arrivals = hilly_trace();
  arrivals.peak_concurrent = 20000;
  WorkloadSettings workload;
  workload.length = lengths(LengthDistribution::lognormal, 10 * kMinute);
  const RateFunction rate(arrivals, workload.length, 3 * kHour);
  const RandomStreams streams(7);
  ArrivalProcess process(rate, streams);
  const SessionModel sessions(workload, streams);
  std::vector<std::pair<TimeNs, int>> changes;
  std::uint64_t serial = 0;
  for (TimeNs at = process.next(); at != kNever; at = process.next()) {
    changes.emplace_back(at, 1);
    changes.emplace_back(at + sessions.length(serial++), -1);
  }
  std::sort(changes.begin(), changes.end());
  int open = 0;
  int peak = 0;
  for (const auto& [time, change] : changes) {
    open += change;
    if (time < 3 * kHour) peak = std::max(peak, open);
  }
  EXPECT_NEAR(peak, 20000, 4 * std::sqrt(20000.0));  // Poisson around the expectation
}

TEST(PeakConcurrent, OfAWindowWithoutArrivalsLeavesItEmpty) {
  ArrivalSettings arrivals;
  arrivals.shape = ArrivalShape::trace;
  arrivals.trace = {{0, 0}, {kHour, 100}};
  arrivals.peak_concurrent = 100;
  const RateFunction rate(arrivals, LengthSettings{}, 30 * kMinute);
  EXPECT_EQ(rate.expected_before(30 * kMinute), 0);
}

}  // namespace
}  // namespace wsfleet
