// SPDX-License-Identifier: Apache-2.0
// The histogram against what a sorted list of the same values says, and against hostile JSON.
#include "core/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/random.h"

namespace wsfleet {
namespace {

using nlohmann::json;

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

// Spread over all magnitudes: what a uniform draw would leave out are the small ones.
std::vector<std::int64_t> random_values(std::uint64_t seed, std::size_t size) {
  const RandomStream random(seed, "histogram_test");
  std::vector<std::int64_t> values;
  for (std::uint64_t key = 0; key < size; ++key) {
    values.push_back(static_cast<std::int64_t>(random.bits(key) >> (1 + random.below(62, key, 1))));
  }
  return values;
}

Histogram recorded(const std::vector<std::int64_t>& values) {
  Histogram histogram;
  for (const std::int64_t value : values) histogram.record(value);
  return histogram;
}

TEST(Histogram, QuantilesAreAtMostOne64thAboveTheSortedList) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    std::vector<std::int64_t> values = random_values(seed, 50 + 97 * seed);
    const Histogram histogram = recorded(values);
    std::sort(values.begin(), values.end());
    for (int percent = 1; percent <= 100; ++percent) {
      // The smallest value that at least this share of all does not exceed.
      const std::size_t rank = (values.size() * static_cast<std::size_t>(percent) + 99) / 100;
      const auto exact = static_cast<double>(values[rank - 1]);
      const double estimate = histogram.quantile(percent / 100.0);
      ASSERT_GE(estimate, exact) << "seed " << seed << " percent " << percent;
      ASSERT_LE(estimate, exact * (1 + 1.0 / 64)) << "seed " << seed << " percent " << percent;
    }
    EXPECT_EQ(histogram.count(), static_cast<double>(values.size()));
  }
}

TEST(Histogram, IsExactBelow128) {
  for (std::int64_t value = 0; value < 128; ++value) {
    Histogram histogram;
    histogram.record(value);
    EXPECT_EQ(histogram.quantile(0.5), static_cast<double>(value));
    EXPECT_EQ(histogram.mean(), static_cast<double>(value));
  }
}

TEST(Histogram, HoldsTheBoundAroundEveryPowerOfTwo) {
  for (int bit = 7; bit < 63; ++bit) {
    for (const std::int64_t offset : {-1, 0, 1}) {
      const std::int64_t value = (std::int64_t{1} << bit) + offset;
      Histogram histogram;
      histogram.record(value);
      ASSERT_GE(histogram.quantile(1), static_cast<double>(value));
      ASSERT_LE(histogram.quantile(1), static_cast<double>(value) * (1 + 1.0 / 64));
      ASSERT_NEAR(histogram.mean() / static_cast<double>(value), 1, 1.0 / 64);
    }
  }
}

TEST(Histogram, TakesExtremeValues) {
  Histogram histogram;
  histogram.record(kMax);
  EXPECT_EQ(histogram.quantile(0.5), static_cast<double>(kMax));
  EXPECT_TRUE(std::isfinite(histogram.mean()));
  Histogram negative;
  negative.record(std::numeric_limits<std::int64_t>::min());
  negative.record(-1);
  EXPECT_EQ(negative.quantile(1), 0);
  EXPECT_EQ(negative.count(), 2);
}

TEST(Histogram, EmptyHasNoQuantileAndNoMean) {
  const Histogram histogram;
  EXPECT_EQ(histogram.count(), 0);
  EXPECT_TRUE(std::isnan(histogram.quantile(0.5)));
  EXPECT_TRUE(std::isnan(histogram.mean()));
}

TEST(Histogram, MergingEqualsRecordingAll) {
  const std::vector<std::int64_t> all = random_values(7, 3000);
  Histogram parts[3];
  for (std::size_t i = 0; i < all.size(); ++i) parts[i % 3].record(all[i]);
  parts[0].record(3, 0.5);  // merging must work both from the short and from the long one
  parts[1].record_infinite(2);
  Histogram whole = recorded(all);
  whole.record(3, 0.5);
  whole.record_infinite(2);
  Histogram merged;
  for (const Histogram& part : parts) merged.merge(part);
  EXPECT_EQ(merged.to_json(), whole.to_json());
  EXPECT_EQ(merged.count(), whole.count());
  Histogram small = recorded({1});
  small.merge(recorded({kMax}));
  EXPECT_EQ(small.to_json(), recorded({kMax, 1}).to_json());
}

TEST(Histogram, CountsMayBeFractions) {
  Histogram histogram;
  for (int i = 0; i < 1000; ++i) histogram.record(10, 0.1);
  for (int i = 0; i < 1000; ++i) histogram.record(20, 0.1);
  EXPECT_NEAR(histogram.count(), 200, 1e-9);
  EXPECT_EQ(histogram.quantile(0.5), 10);  // the rounding of the sums does not push it on to 20
  EXPECT_EQ(histogram.quantile(0.51), 20);
  EXPECT_NEAR(histogram.mean(), 15, 1e-9);
}

TEST(Histogram, NoCountIsNoValue) {
  Histogram histogram;
  for (const double count : {0.0, -1.0, std::numeric_limits<double>::quiet_NaN()}) {
    histogram.record(5, count);
    EXPECT_EQ(histogram.count(), 0) << count;
  }
  EXPECT_TRUE(std::isnan(histogram.quantile(1)));
}

TEST(Histogram, InfiniteOnesAreGreaterThanAll) {
  Histogram histogram;
  histogram.record(kMax, 99);
  histogram.record_infinite();
  EXPECT_EQ(histogram.count(), 100);
  EXPECT_EQ(histogram.infinite_count(), 1);
  EXPECT_EQ(histogram.quantile(0.99), static_cast<double>(kMax));
  EXPECT_TRUE(std::isinf(histogram.quantile(0.991)));
  EXPECT_EQ(histogram.mean(), static_cast<double>(kMax - (kMax >> 8)));  // finite ones only
  Histogram lost;
  lost.record_infinite(3);
  EXPECT_TRUE(std::isinf(lost.quantile(0)));
  EXPECT_TRUE(std::isnan(lost.mean()));
}

TEST(Histogram, RoundingOfLongSumsMakesNothingInfinite) {
  // Each of these counts is rounded up to 2 in the total (2^53 and more), not in its own bucket.
  Histogram histogram;
  histogram.record(1, 0x1p53);
  for (int i = 0; i < 12'000'000; ++i) histogram.record(2, 1.0000001);
  EXPECT_EQ(histogram.quantile(1), 2);
}

TEST(Histogram, QuantileIsMonotonicAndClampsItsArgument) {
  Histogram histogram = recorded(random_values(3, 500));
  histogram.record_infinite(5);
  double last = 0;
  for (int i = 0; i <= 1000; ++i) {
    const double value = histogram.quantile(i / 1000.0);
    ASSERT_GE(value, last);
    last = value;
  }
  EXPECT_EQ(histogram.quantile(-1), histogram.quantile(0));
  EXPECT_TRUE(std::isinf(histogram.quantile(2)));
}

TEST(HistogramJson, IsLossless) {
  Histogram histogram = recorded(random_values(5, 2000));
  histogram.record(kMax, 1.0 / 3);
  histogram.record_infinite(0.1);
  const Result<Histogram> again = Histogram::from_json(json::parse(histogram.to_json().dump()));
  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_EQ(again->to_json(), histogram.to_json());
  EXPECT_EQ(again->quantile(0.9), histogram.quantile(0.9));
  EXPECT_NEAR(again->count(), histogram.count(), 1e-9);
  EXPECT_EQ(Histogram().to_json().dump(), R"({"counts":[],"infinite":0.0})");
  EXPECT_EQ(recorded({5, 5, 7}).to_json().dump(), R"({"counts":[[5,2.0],[7,1.0]],"infinite":0.0})");
}

TEST(HistogramJson, RefusesWhatIsNone) {
  const char* const hostile[] = {
      "null",
      "[]",
      "{}",
      "7",
      R"({"counts": []})",
      R"({"infinite": 0})",
      R"({"counts": null, "infinite": 0})",
      R"({"counts": 5, "infinite": 0})",
      R"({"counts": {"a": [1, 2]}, "infinite": 0})",
      R"({"counts": "many", "infinite": 0})",
      R"({"counts": [5], "infinite": 0})",
      R"({"counts": [[]], "infinite": 0})",
      R"({"counts": [[1]], "infinite": 0})",
      R"({"counts": [[1, 2, 3]], "infinite": 0})",
      R"({"counts": [["1", 2]], "infinite": 0})",
      R"({"counts": [[1, "2"]], "infinite": 0})",
      R"({"counts": [[1, null]], "infinite": 0})",
      R"({"counts": [[-1, 2]], "infinite": 0})",
      R"({"counts": [[1.5, 2]], "infinite": 0})",
      R"({"counts": [[3712, 2]], "infinite": 0})",
      R"({"counts": [[18446744073709551615, 2]], "infinite": 0})",
      R"({"counts": [[1e300, 2]], "infinite": 0})",
      R"({"counts": [[1, -2]], "infinite": 0})",
      R"({"counts": [], "infinite": -1})",
      R"({"counts": [], "infinite": null})",
      R"({"counts": [], "infinite": "0"})",
  };
  for (const char* text : hostile) {
    const Result<Histogram> histogram = Histogram::from_json(json::parse(text));
    ASSERT_FALSE(histogram.has_value()) << text;
    EXPECT_EQ(histogram.error().message.rfind("histogram: ", 0), 0U) << histogram.error().message;
  }
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double count : {nan, infinity}) {
    EXPECT_FALSE(Histogram::from_json({{"counts", {{1, count}}}, {"infinite", 0}}).has_value());
    EXPECT_FALSE(
        Histogram::from_json({{"counts", json::array()}, {"infinite", count}}).has_value());
  }
  // The last bucket there is.
  EXPECT_TRUE(Histogram::from_json(json::parse(R"({"counts": [[3711, 2]], "infinite": 0})")));
}

}  // namespace
}  // namespace wsfleet
