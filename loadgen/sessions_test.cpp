// SPDX-License-Identifier: Apache-2.0
#include "loadgen/sessions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>
#include <vector>

#include "loadgen/session_lengths.h"

namespace wsfleet {
namespace {

constexpr std::uint64_t kDraws = 40000;
/// Kolmogorov's bound that a right sample exceeds once in a thousand.
const double kCritical = 1.95 / std::sqrt(static_cast<double>(kDraws));

constexpr LengthDistribution kAllLengths[] = {
    LengthDistribution::exponential, LengthDistribution::lognormal, LengthDistribution::pareto,
    LengthDistribution::fixed};

WorkloadSettings with(LengthDistribution distribution) {
  WorkloadSettings workload;
  workload.length.distribution = distribution;
  workload.length.mean = 20 * kMinute;
  workload.length.sigma = 1.2;
  workload.length.alpha = 2.2;
  return workload;
}

std::vector<double> sample(const std::function<TimeNs(std::uint64_t)>& draw) {
  std::vector<double> seconds;
  for (std::uint64_t i = 0; i < kDraws; ++i) seconds.push_back(to_seconds(draw(i)));
  std::sort(seconds.begin(), seconds.end());
  return seconds;
}

/// The largest distance between the sample's share above a value and the distribution's.
double distance(const std::vector<double>& sorted, const std::function<double(double)>& above) {
  double largest = 0;
  const auto n = static_cast<double>(sorted.size());
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const double exact = above(sorted[i]);
    largest = std::max({largest, std::abs(1 - static_cast<double>(i) / n - exact),
                        std::abs(1 - static_cast<double>(i + 1) / n - exact)});
  }
  return largest;
}

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

TEST(SessionModel, LengthsFollowTheirDistribution) {
  for (const auto distribution : {LengthDistribution::exponential, LengthDistribution::lognormal,
                                  LengthDistribution::pareto}) {
    const WorkloadSettings workload = with(distribution);
    const SessionModel model(workload, RandomStreams(1));
    const auto drawn = sample([&](std::uint64_t serial) { return model.length(serial); });
    EXPECT_LT(distance(drawn, [&](double s) { return survival(workload.length, s); }), kCritical)
        << static_cast<int>(distribution);
  }
}

TEST(SessionModel, TheCheckOfDistributionsTellsThemApart) {
  const SessionModel model(with(LengthDistribution::lognormal), RandomStreams(1));
  LengthSettings slightly_wider = with(LengthDistribution::lognormal).length;
  slightly_wider.sigma = 1.25;
  const auto drawn = sample([&](std::uint64_t serial) { return model.length(serial); });
  EXPECT_GT(distance(drawn, [&](double s) { return survival(slightly_wider, s); }), kCritical);
}

TEST(SessionModel, LengthsHaveTheMeanOfTheScenario) {
  // Standard deviations in means: exponential 1, lognormal sqrt(e^1.44 - 1), Pareto 1 /
  // sqrt(a(a-2)).
  const double deviations[] = {1, std::sqrt(std::expm1(1.44)), 1 / std::sqrt(2.2 * 0.2), 0};
  for (std::size_t i = 0; i < std::size(kAllLengths); ++i) {
    const SessionModel model(with(kAllLengths[i]), RandomStreams(2));
    const auto drawn = sample([&](std::uint64_t serial) { return model.length(serial); });
    const double tolerance = 4 * 1200 * deviations[i] / std::sqrt(static_cast<double>(kDraws));
    EXPECT_NEAR(mean_of(drawn), 1200, tolerance) << i;
  }
}

TEST(SessionModel, FixedLengthsAreAllTheMean) {
  const SessionModel model(with(LengthDistribution::fixed), RandomStreams(1));
  EXPECT_EQ(model.length(0), 20 * kMinute);
  EXPECT_EQ(model.length(123456789), 20 * kMinute);
}

TEST(SessionModel, ParetoLengthsStartAtTheirMinimum) {
  const WorkloadSettings workload = with(LengthDistribution::pareto);
  const SessionModel model(workload, RandomStreams(1));
  const auto drawn = sample([&](std::uint64_t serial) { return model.length(serial); });
  EXPECT_GE(drawn.front(), pareto_minimum(workload.length) - 1e-6);
  EXPECT_LT(drawn.front(), pareto_minimum(workload.length) * 1.001);
}

TEST(SessionModel, LengthsAreWholeMicrosecondsWithinBounds) {
  for (const LengthDistribution distribution : kAllLengths) {
    WorkloadSettings workload = with(distribution);
    workload.length.alpha = 1.0001;  // as heavy as a tail gets
    workload.length.sigma = 5;
    const SessionModel model(workload, RandomStreams(1));
    for (std::uint64_t i = 0; i < 2000; ++i) {
      for (const TimeNs time : {model.length(i), model.residual(i)}) {
        ASSERT_EQ(time % kMicrosecond, 0);
        ASSERT_GE(time, kMicrosecond);
        ASSERT_LE(time, kLongestSession);
      }
    }
  }
}

TEST(SessionModel, WhatIsLeftOfASessionFollowsRenewalTheory) {
  // The residual exceeds t with the share of the integral of survival that lies beyond t.
  for (const LengthDistribution distribution : kAllLengths) {
    const WorkloadSettings workload = with(distribution);
    const SessionModel model(workload, RandomStreams(3));
    const auto drawn = sample([&](std::uint64_t index) { return model.residual(index); });
    const auto above = [&](double s) { return 1 - limited_mean(workload.length, s) / 1200; };
    EXPECT_LT(distance(drawn, above), kCritical) << static_cast<int>(distribution);
  }
}

TEST(SessionModel, StationaryPopulationIsPoisson) {
  const WorkloadSettings workload = with(LengthDistribution::lognormal);
  double sum = 0;
  double squares = 0;
  const int seeds = 2000;
  for (int seed = 0; seed < seeds; ++seed) {
    const SessionModel model(workload, RandomStreams(static_cast<std::uint64_t>(seed)));
    const auto count = static_cast<double>(model.stationary_population(0.25));  // 0.25 * 1,200
    sum += count;
    squares += count * count;
  }
  const double mean = sum / seeds;
  const double variance = (squares - seeds * mean * mean) / (seeds - 1);
  EXPECT_NEAR(mean, 300, 4 * std::sqrt(300.0 / seeds));
  EXPECT_NEAR(variance / mean, 1, 4 * std::sqrt(2.0 / seeds));
}

TEST(SessionModel, WithoutArrivalsThePopulationIsEmpty) {
  const SessionModel model(with(LengthDistribution::exponential), RandomStreams(1));
  EXPECT_EQ(model.stationary_population(0), 0);
}

TEST(SessionModel, SourceAddressesAreSharedEvenly) {
  WorkloadSettings workload;
  workload.source_addresses = 10;
  const SessionModel model(workload, RandomStreams(1));
  std::vector<int> counts(10);
  for (std::uint64_t serial = 0; serial < 10000; ++serial) {
    const std::uint64_t address = model.source_address(serial);
    ASSERT_LT(address, 10U);
    ++counts[address];
  }
  for (const int count : counts) EXPECT_NEAR(count, 1000, 4 * std::sqrt(900.0));
}

TEST(SessionModel, WithoutSharedAddressesEachSessionHasItsOwn) {
  const SessionModel model(WorkloadSettings{}, RandomStreams(1));
  std::set<std::uint64_t> addresses;
  for (std::uint64_t serial = 0; serial < 1000; ++serial) {
    addresses.insert(model.source_address(serial));
  }
  EXPECT_EQ(addresses.size(), 1000U);
}

TEST(SessionModel, RoomsAreDrawnEvenlyAndApartFromAddresses) {
  WorkloadSettings workload;
  workload.rooms = 10;
  workload.source_addresses = 10;
  const SessionModel model(workload, RandomStreams(1));
  std::vector<int> counts(10);
  int same = 0;
  for (std::uint64_t serial = 0; serial < 10000; ++serial) {
    const std::uint64_t room = model.room(serial);
    ASSERT_LT(room, 10U);
    ++counts[room];
    same += room == model.source_address(serial) ? 1 : 0;
  }
  for (const int count : counts) EXPECT_NEAR(count, 1000, 4 * std::sqrt(900.0));
  EXPECT_NEAR(same, 1000, 4 * std::sqrt(900.0));
  EXPECT_EQ(SessionModel(WorkloadSettings{}, RandomStreams(1)).room(77), 77U);  // one of its own
}

TEST(SessionModel, DrawsDoNotDependOnTheOrderOfCalls) {
  WorkloadSettings workload = with(LengthDistribution::lognormal);
  workload.source_addresses = 50;
  const SessionModel forwards(workload, RandomStreams(5));
  const SessionModel backwards(workload, RandomStreams(5));
  std::vector<TimeNs> lengths;
  std::vector<TimeNs> residuals;
  std::vector<std::uint64_t> addresses;
  for (std::uint64_t i = 0; i < 100; ++i) {
    lengths.push_back(forwards.length(i));
    residuals.push_back(forwards.residual(i));
    addresses.push_back(forwards.source_address(i));
  }
  for (std::uint64_t i = 100; i-- > 0;) {
    EXPECT_EQ(backwards.source_address(i), addresses[i]);
    EXPECT_EQ(backwards.length(i), lengths[i]);
    EXPECT_EQ(backwards.residual(i), residuals[i]);
  }
}

TEST(SessionModel, OtherKeysOfTheWorkloadDoNotChangeTheLengths) {
  WorkloadSettings one = with(LengthDistribution::pareto);
  WorkloadSettings other = one;
  other.source_addresses = 7;
  other.messages_per_second = 3;
  other.reconnect.kind = ReconnectKind::none;
  const SessionModel a(one, RandomStreams(5));
  const SessionModel b(other, RandomStreams(5));
  for (std::uint64_t i = 0; i < 100; ++i) EXPECT_EQ(a.length(i), b.length(i));
}

TEST(SessionModel, AnotherSeedDrawsOtherSessions) {
  const WorkloadSettings workload = with(LengthDistribution::exponential);
  const SessionModel a(workload, RandomStreams(5));
  const SessionModel b(workload, RandomStreams(6));
  int same = 0;
  for (std::uint64_t i = 0; i < 100; ++i) same += a.length(i) == b.length(i) ? 1 : 0;
  EXPECT_EQ(same, 0);
}

}  // namespace
}  // namespace wsfleet
