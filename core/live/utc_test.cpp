// SPDX-License-Identifier: Apache-2.0
#include "core/live/utc.h"

#include <gtest/gtest.h>

#include "core/live/live_clock.h"

namespace wsfleet {
namespace {

TEST(Utc, ReadsWhatKubernetesWrites) {
  EXPECT_EQ(*parse_utc("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(*parse_utc("2026-11-24T19:00:00Z"), 1795546800 * kSecond);
  EXPECT_EQ(*parse_utc("2026-11-24T19:00:00.123456Z"),
            1795546800 * kSecond + 123456 * kMicrosecond);
  EXPECT_EQ(*parse_utc("2024-02-29T00:00:00Z"), 1709164800 * kSecond);
}

TEST(Utc, ReadsOffsets) {
  EXPECT_EQ(*parse_utc("2026-11-24T20:30:00+01:30"), 1795546800 * kSecond);
  EXPECT_EQ(*parse_utc("2026-11-24T14:00:00-05:00"), 1795546800 * kSecond);
}

TEST(Utc, ReadsBackWhatTheLogWrites) {
  const TimeNs now = wall_now() / kMillisecond * kMillisecond;
  EXPECT_EQ(*parse_utc(format_utc(now)), now);
}

TEST(Utc, QuotesWhatIsNoTime) {
  for (const char* text :
       {"", "now", "2026-11-24", "2026-11-24 19:00:00Z", "2026-11-24T19:00:00",
        "2026-13-01T00:00:00Z", "2023-02-29T00:00:00Z", "2026-11-24T24:00:00Z",
        "2026-11-24T19:00:60Z", "2026-11-24T19:00:00.Z", "2026-11-24T19:00:00.1234567891Z",
        "2026-11-24T19:00:00Zulu", "2026-11-24T19:00:00+25:00", "2026-11-24T19:00:00+01",
        "1969-12-31T23:59:59Z", "2026-1-24T19:00:00Z", "2026-11-24T19:0x:00Z"}) {
    const auto time = parse_utc(text);
    ASSERT_FALSE(time) << text;
    EXPECT_EQ(time.error().kind, ErrorKind::configuration);
    EXPECT_NE(time.error().message.find("'" + std::string(text) + "'"), std::string::npos);
  }
}

}  // namespace
}  // namespace wsfleet
