// SPDX-License-Identifier: Apache-2.0
// Random streams: what they promise (order does not matter, streams are independent) and the
// moments of each distribution. All seeds are fixed, so a test either always passes or never.
#include "core/random.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <vector>

namespace wsfleet {
namespace {

constexpr std::uint64_t kDraws = 200'000;

// Pearson's statistic of equally likely cells.
double chi_square(const std::vector<std::uint64_t>& cells) {
  double total = 0;
  for (const std::uint64_t cell : cells) total += static_cast<double>(cell);
  const double expected = total / static_cast<double>(cells.size());
  double sum = 0;
  for (const std::uint64_t cell : cells) {
    const double off = static_cast<double>(cell) - expected;
    sum += off * off / expected;
  }
  return sum;
}

// The value that chi-square with `freedom` degrees exceeds once in a thousand (Wilson, Hilferty).
double chi_square_limit(double freedom) {
  const double cube = 1 - 2 / (9 * freedom) + 3.09 * std::sqrt(2 / (9 * freedom));
  return freedom * cube * cube * cube;
}

struct Moments {
  double mean = 0;
  double variance = 0;
  double skewness = 0;
};

template <class Draw>
Moments moments_of(Draw draw) {
  std::vector<double> values;
  double sum = 0;
  for (std::uint64_t key = 0; key < kDraws; ++key) {
    values.push_back(draw(key));
    sum += values.back();
  }
  const auto size = static_cast<double>(values.size());
  Moments moments;
  moments.mean = sum / size;
  double second = 0;
  double third = 0;
  for (const double value : values) {
    const double off = value - moments.mean;
    second += off * off;
    third += off * off * off;
  }
  moments.variance = second / size;
  moments.skewness = third / size / std::pow(moments.variance, 1.5);
  return moments;
}

TEST(RandomStream, DependsOnNothingButItsArguments) {
  const RandomStream random(42, "loadgen.length");
  std::vector<std::uint64_t> forwards;
  for (std::uint64_t key = 0; key < 1000; ++key) forwards.push_back(random.bits(key, 3));
  // Backwards, from another object, with other draws in between.
  const RandomStream again = RandomStreams(42).stream("loadgen.length");
  for (std::uint64_t key = 1000; key-- > 0;) {
    again.normal(key + 17, 5);
    ASSERT_EQ(again.bits(key, 3), forwards[key]);
  }
}

// A seed must name the same clients in every release: published results depend on it.
TEST(RandomStream, ValuesStayWhatTheyWere) {
  const RandomStream random(1, "loadgen.arrivals");
  EXPECT_EQ(random.bits(0, 0), 2332554165028062520U);
  EXPECT_EQ(random.bits(1, 0), 12688706394678049917U);
  EXPECT_EQ(random.bits(0, 1), 17244868495978144091U);
  EXPECT_EQ(random.bits(std::uint64_t{1} << 40, 7), 2715883286267005664U);
  EXPECT_EQ(RandomStream(2, "loadgen.arrivals").bits(0, 0), 14190013404092554437U);
  EXPECT_EQ(RandomStream(1, "loadgen.length").bits(0, 0), 17817655767474604956U);
}

TEST(RandomStream, SeedNameKeyAndDrawAllMatter) {
  std::set<std::uint64_t> seen;
  std::size_t made = 0;
  for (const std::uint64_t seed : {0ULL, 1ULL, 2ULL, 1ULL << 32, ~0ULL}) {
    for (const char* const name : {"", "a", "b", "ab", "ba", "loadgen.arrivals"}) {
      const RandomStream random(seed, name);
      for (const std::uint64_t key : {0ULL, 1ULL, 1ULL << 31, 1ULL << 32, ~0ULL}) {
        for (const std::uint32_t draw : {0U, 1U, 2U, ~0U}) {
          seen.insert(random.bits(key, draw));
          ++made;
        }
      }
    }
  }
  EXPECT_EQ(seen.size(), made);
}

TEST(RandomStream, NeighbouringStreamsAreUncorrelated) {
  const auto correlation = [](const RandomStream& a, const RandomStream& b, std::uint64_t shift,
                              std::uint32_t draw) {
    double sum = 0;
    for (std::uint64_t key = 0; key < kDraws; ++key) {
      sum += (a.uniform(key) - 0.5) * (b.uniform(key + shift, draw) - 0.5);
    }
    return sum / static_cast<double>(kDraws) * 12;
  };
  const RandomStream base(1, "a");
  const double limit = 4 / std::sqrt(static_cast<double>(kDraws));  // four standard errors
  EXPECT_LT(std::abs(correlation(base, RandomStream(2, "a"), 0, 0)), limit);  // next seed
  EXPECT_LT(std::abs(correlation(base, RandomStream(1, "b"), 0, 0)), limit);  // another name
  EXPECT_LT(std::abs(correlation(base, base, 1, 0)), limit);                  // next key
  EXPECT_LT(std::abs(correlation(base, base, 0, 1)), limit);                  // next draw
  EXPECT_NEAR(correlation(base, base, 0, 0), 1, 0.01);  // and the measure measures
}

TEST(RandomStream, EveryBitIsFair) {
  const RandomStream random(3, "bits");
  std::vector<int> ones(64);
  for (std::uint64_t key = 0; key < kDraws; ++key) {
    const std::uint64_t bits = random.bits(key);
    for (std::size_t i = 0; i < 64; ++i) ones[i] += static_cast<int>(bits >> i & 1);
  }
  const auto draws = static_cast<double>(kDraws);
  for (std::size_t i = 0; i < 64; ++i) {
    EXPECT_NEAR(ones[i] / draws, 0.5, 4 * 0.5 / std::sqrt(draws)) << "bit " << i;
  }
}

TEST(RandomStream, UniformLiesInItsHalfOpenRange) {
  const RandomStream random(4, "uniform");
  std::vector<std::uint64_t> cells(100);
  for (std::uint64_t key = 0; key < kDraws; ++key) {
    const double value = random.uniform(key);
    ASSERT_GE(value, 0);
    ASSERT_LT(value, 1);
    ++cells[static_cast<std::size_t>(value * 100)];
  }
  EXPECT_LT(chi_square(cells), chi_square_limit(99));
  const Moments moments = moments_of([&](std::uint64_t key) { return random.uniform(key); });
  EXPECT_NEAR(moments.mean, 0.5, 0.003);
  EXPECT_NEAR(moments.variance, 1.0 / 12, 0.001);
  EXPECT_NEAR(moments.skewness, 0, 0.02);
}

TEST(RandomStream, UniformPositiveIsNeverZero) {
  const RandomStream random(5, "uniform");
  double least = 1;
  for (std::uint64_t key = 0; key < 10 * kDraws; ++key) {
    const double value = random.uniform_positive(key);
    ASSERT_GT(value, 0);
    ASSERT_LE(value, 1);
    // One step of 2^-53 above uniform(), so 0 there is 2^-53 here.
    ASSERT_EQ(value, random.uniform(key) + 0x1p-53);
    least = std::min(least, value);
  }
  EXPECT_LT(least, 1e-5);
}

TEST(RandomStream, ExponentialHasItsMoments) {
  const RandomStream random(6, "exponential");
  const Moments moments = moments_of([&](std::uint64_t key) { return random.exponential(key); });
  EXPECT_NEAR(moments.mean, 1, 0.01);
  EXPECT_NEAR(moments.variance, 1, 0.03);
  EXPECT_NEAR(moments.skewness, 2, 0.1);
  std::vector<std::uint64_t> cells(50);  // equally likely by the distribution function
  for (std::uint64_t key = 0; key < kDraws; ++key) {
    const double value = random.exponential(key);
    ASSERT_GE(value, 0);
    ASSERT_TRUE(std::isfinite(value));
    ++cells[std::min<std::size_t>(49, static_cast<std::size_t>(-std::expm1(-value) * 50))];
  }
  EXPECT_LT(chi_square(cells), chi_square_limit(49));
}

TEST(RandomStream, NormalHasItsMoments) {
  const RandomStream random(7, "normal");
  const Moments moments = moments_of([&](std::uint64_t key) { return random.normal(key, 2); });
  EXPECT_NEAR(moments.mean, 0, 0.01);
  EXPECT_NEAR(moments.variance, 1, 0.015);
  EXPECT_NEAR(moments.skewness, 0, 0.025);
  std::vector<std::uint64_t> cells(50);
  for (std::uint64_t key = 0; key < kDraws; ++key) {
    const double below = 0.5 * std::erfc(-random.normal(key, 2) / std::sqrt(2.0));
    ++cells[std::min<std::size_t>(49, static_cast<std::size_t>(below * 50))];
  }
  EXPECT_LT(chi_square(cells), chi_square_limit(49));
}

TEST(RandomStream, BelowIsFairForEveryBound) {
  const RandomStream random(8, "below");
  for (const std::uint64_t bound : {2ULL, 3ULL, 7ULL, 10ULL, 64ULL, 1000ULL}) {
    std::vector<std::uint64_t> cells(bound);
    for (std::uint64_t key = 0; key < kDraws; ++key) {
      const std::uint64_t value = random.below(bound, key, static_cast<std::uint32_t>(bound));
      ASSERT_LT(value, bound);
      ++cells[value];
    }
    EXPECT_LT(chi_square(cells), chi_square_limit(static_cast<double>(bound - 1))) << bound;
  }
}

TEST(RandomStream, BelowTakesExtremeBounds) {
  const RandomStream random(9, "below");
  const std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t above_half = 0;
  for (std::uint64_t key = 0; key < 10'000; ++key) {
    ASSERT_EQ(random.below(1, key), 0U);
    ASSERT_LT(random.below(most, key), most);
    above_half += random.below(most, key) > most / 2 ? 1 : 0;
  }
  EXPECT_NEAR(static_cast<double>(above_half), 5000, 200);
}

// Consecutive keys as pairs on a grid: a counter-based generator with too few rounds fails here.
TEST(RandomStream, ConsecutiveKeysFillThePlaneEvenly) {
  const RandomStream random(10, "pairs");
  std::vector<std::uint64_t> cells(32 * 32);
  for (std::uint64_t key = 0; key < kDraws; ++key) {
    ++cells[random.below(32, key) * 32 + random.below(32, key + 1)];
  }
  EXPECT_LT(chi_square(cells), chi_square_limit(32 * 32 - 1));
}

TEST(RandomStreams, RemembersItsSeed) {
  EXPECT_EQ(RandomStreams(77).seed(), 77U);
  EXPECT_EQ(RandomStreams(77).stream("x").bits(5, 6), RandomStream(77, "x").bits(5, 6));
}

}  // namespace
}  // namespace wsfleet
