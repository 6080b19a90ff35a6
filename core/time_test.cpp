// SPDX-License-Identifier: Apache-2.0
// Durations: every unit, parts, rounding, limits, garbage, and that format and parse are inverse.
#include "core/time.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "core/random.h"

namespace wsfleet {
namespace {

using testing::HasSubstr;

TEST(ParseDuration, KnowsEveryUnit) {
  EXPECT_EQ(parse_duration("7ns").value(), 7);
  EXPECT_EQ(parse_duration("7us").value(), 7 * kMicrosecond);
  EXPECT_EQ(parse_duration("7ms").value(), 7 * kMillisecond);
  EXPECT_EQ(parse_duration("7s").value(), 7 * kSecond);
  EXPECT_EQ(parse_duration("7m").value(), 7 * kMinute);
  EXPECT_EQ(parse_duration("7h").value(), 7 * kHour);
  EXPECT_EQ(parse_duration("7d").value(), 7 * 24 * kHour);
}

TEST(ParseDuration, AddsUpItsParts) {
  EXPECT_EQ(parse_duration("1h30m").value(), 90 * kMinute);
  EXPECT_EQ(parse_duration("1d2h3m4s5ms6us7ns").value(),
            26 * kHour + 3 * kMinute + 4 * kSecond + 5 * kMillisecond + 6 * kMicrosecond + 7);
  EXPECT_EQ(parse_duration("30m1h").value(), 90 * kMinute);  // in any order
  EXPECT_EQ(parse_duration("1m1ms").value(), kMinute + kMillisecond);
}

TEST(ParseDuration, TakesFractionsToTheNearestNanosecond) {
  EXPECT_EQ(parse_duration("2.5s").value(), 2'500'000'000);
  EXPECT_EQ(parse_duration(".5s").value(), 500'000'000);
  EXPECT_EQ(parse_duration("1.s").value(), kSecond);
  EXPECT_EQ(parse_duration("0.1s").value(), 100'000'000);
  EXPECT_EQ(parse_duration("1.4ns").value(), 1);
  EXPECT_EQ(parse_duration("1.6ns").value(), 2);
  EXPECT_EQ(parse_duration("0.3ns0.3ns").value(), 1);  // rounded once, at the end
}

TEST(ParseDuration, ZeroNeedsNoUnit) {
  EXPECT_EQ(parse_duration("0").value(), 0);
  EXPECT_EQ(parse_duration("0s").value(), 0);
}

TEST(ParseDuration, KeepsEveryNanosecondOfLongTimes) {
  EXPECT_EQ(parse_duration("9007199254740993ns").value(), 9'007'199'254'740'993);  // 2^53 + 1
  EXPECT_EQ(parse_duration("100000d1ns").value(), 100'000 * 24 * kHour + 1);
}

TEST(ParseDuration, RefusesGarbageAndQuotesIt) {
  const std::vector<std::string> garbage{"",           " ",
                                         "15",         "s",
                                         "1.2.3s",     "-5s",
                                         "+5s",        "5 s",
                                         " 5s",        "5s ",
                                         "1e3s",       "5S",
                                         "5 min",      "5min",
                                         "1h30",       "1h s",
                                         "5 parsecs",  "1,5s",
                                         "0x5s",       "nan",
                                         "infs",       "nans",
                                         ".s",         "1h-5m",
                                         "5\xc2\xb5s", std::string("5s\0", 3)};
  for (const std::string& text : garbage) {
    const Result<TimeNs> parsed = parse_duration(text);
    ASSERT_FALSE(parsed.has_value()) << "'" << text << "' gave " << *parsed;
    EXPECT_EQ(parsed.error().kind, ErrorKind::configuration);
    EXPECT_THAT(parsed.error().message, HasSubstr("'" + text + "' is not a duration"));
    EXPECT_THAT(parsed.error().message, HasSubstr("ns, us, ms, s, m, h, d"));
  }
}

TEST(ParseDuration, RefusesWhatNoInt64Holds) {
  EXPECT_EQ(parse_duration("106000d").value(), 106'000 * 24 * kHour);
  for (const std::string text : {"107000d", "300000000000s", "99999999999999999999999999999h",
                                 "60000d60000d", "9223372036854775807ns"}) {
    const Result<TimeNs> parsed = parse_duration(text);
    ASSERT_FALSE(parsed.has_value()) << text;
    EXPECT_THAT(parsed.error().message, HasSubstr("longer than a run can be"));
  }
  EXPECT_FALSE(parse_duration(std::string(400, '9') + "s").has_value());  // beyond double, too
}

TEST(FormatDuration, IsShortAndExact) {
  EXPECT_EQ(format_duration(0), "0s");
  EXPECT_EQ(format_duration(90 * kMinute), "1h30m");
  EXPECT_EQ(format_duration(250 * kMillisecond), "250ms");
  EXPECT_EQ(format_duration(36 * kHour), "1d12h");
  EXPECT_EQ(format_duration(kSecond + 1), "1s1ns");
  EXPECT_EQ(format_duration(-90 * kSecond), "-1m30s");
  EXPECT_EQ(format_duration(kNever), "never");
  EXPECT_EQ(format_duration(std::numeric_limits<TimeNs>::min()),
            "-106751d23h47m16s854ms775us808ns");
}

TEST(FormatDuration, IsReadBackExactly) {
  const RandomStream random(1, "time_test");
  std::vector<TimeNs> times{0,    1,           999,       1000,
                            1001, kSecond - 1, kHour - 1, 9'199'999'999'999'999'999};
  for (std::uint64_t key = 0; key < 20'000; ++key) {
    // Every magnitude up to 2^62, whole numbers of each unit among them.
    const auto time = static_cast<TimeNs>(random.bits(key) >> (2 + random.below(62, key, 1)));
    times.push_back(time);
    for (const TimeNs unit : {kMicrosecond, kMillisecond, kSecond, kMinute, kHour}) {
      times.push_back(time - time % unit);
    }
  }
  for (const TimeNs time : times) {
    const Result<TimeNs> parsed = parse_duration(format_duration(time));
    ASSERT_TRUE(parsed.has_value()) << format_duration(time);
    ASSERT_EQ(*parsed, time) << format_duration(time);
  }
}

TEST(FormatDurationShort, ShowsAtMostTwoUnits) {
  const std::vector<std::pair<TimeNs, std::string>> cases{
      {0, "0s"},
      {1, "0.001us"},
      {1'500, "1.5us"},
      {999'400, "999us"},
      {999'600, "1ms"},
      {12'340'000, "12.3ms"},
      {999'600'000, "1s"},
      {1'234'000'000, "1.23s"},
      {9'996'000'000, "10s"},
      {41'500'000'000, "41.5s"},
      {59'940'000'000, "59.9s"},
      {59'960'000'000, "1m 00s"},
      {200 * kSecond, "3m 20s"},
      {kHour - kMillisecond, "1h 00m"},
      {kHour + 2 * kMinute + 29 * kSecond, "1h 02m"},
      {72 * kHour, "72h 00m"},
      {-200 * kSecond, "-3m 20s"},
      {kNever, "never"},
  };
  for (const auto& [time, text] : cases) EXPECT_EQ(format_duration_short(time), text) << time;
  EXPECT_EQ(format_duration_short(std::numeric_limits<TimeNs>::min()).front(), '-');
}

TEST(FromSeconds, RoundsToTheNearestNanosecond) {
  EXPECT_EQ(from_seconds(1.5), 1'500'000'000);
  EXPECT_EQ(from_seconds(0.1), 100'000'000);
  EXPECT_EQ(from_seconds(1.4e-9), 1);
  EXPECT_EQ(from_seconds(1.6e-9), 2);
  EXPECT_EQ(from_seconds(-1.6e-9), -2);
}

TEST(FromSeconds, SaturatesOutsideTheRange) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double seconds : {9.3e9, 1e300, infinity}) {
    EXPECT_EQ(from_seconds(seconds), kNever) << seconds;
    EXPECT_EQ(from_seconds_rounded(seconds), kNever) << seconds;
    EXPECT_EQ(from_seconds(-seconds), -kNever) << seconds;
    EXPECT_EQ(from_seconds_rounded(-seconds), -kNever) << seconds;
  }
  EXPECT_EQ(from_seconds(9.1e9), 9'100'000'000 * kSecond);
  EXPECT_EQ(from_seconds(std::nan("")), kNever);
}

TEST(FromSeconds, RoundedGivesWholeMicroseconds) {
  EXPECT_EQ(from_seconds_rounded(1.4e-6), kMicrosecond);
  EXPECT_EQ(from_seconds_rounded(1.6e-6), 2 * kMicrosecond);
  const RandomStream random(2, "time_test");
  for (std::uint64_t key = 0; key < 10'000; ++key) {
    const double seconds = random.exponential(key) * 1000;
    const TimeNs time = from_seconds_rounded(seconds);
    ASSERT_EQ(time % kMicrosecond, 0);
    // The last bits of log and exp differ between processors; they must not show.
    ASSERT_EQ(from_seconds_rounded(std::nextafter(seconds, 0.0)), time);
    ASSERT_EQ(from_seconds_rounded(std::nextafter(seconds, 1e9)), time);
    ASSERT_NEAR(to_seconds(time), seconds, 0.5001e-6);
  }
}

}  // namespace
}  // namespace wsfleet
