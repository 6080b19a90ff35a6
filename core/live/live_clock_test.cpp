// SPDX-License-Identifier: Apache-2.0
#include "core/live/live_clock.h"

#include <gtest/gtest.h>

#include <cctype>
#include <set>
#include <string>

#include "core/live/entropy.h"

namespace wsfleet {
namespace {

TEST(LiveClock, TheMonotonicClockNeverGoesBack) {
  TimeNs last = monotonic_now();
  for (int i = 0; i < 1000; ++i) {
    const TimeNs now = monotonic_now();
    ASSERT_GE(now, last);
    last = now;
  }
}

TEST(LiveClock, WritesUtcToTheMillisecond) {
  EXPECT_EQ(format_utc(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(format_utc(1'772'357'400 * kSecond + 123'456'789), "2026-03-01T09:30:00.123Z");
}

TEST(Entropy, AUuidHasVersionAndVariantAndComesOnce) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string uuid = random_uuid();
    ASSERT_EQ(uuid.size(), 36U);
    for (std::size_t at = 0; at < uuid.size(); ++at) {
      const bool dash = at == 8 || at == 13 || at == 18 || at == 23;
      ASSERT_EQ(dash, uuid[at] == '-') << uuid;
      ASSERT_TRUE(dash || std::isxdigit(static_cast<unsigned char>(uuid[at])) != 0) << uuid;
    }
    EXPECT_EQ(uuid[14], '4') << uuid;
    EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos) << uuid;
    EXPECT_TRUE(seen.insert(uuid).second);
  }
}

}  // namespace
}  // namespace wsfleet
