// SPDX-License-Identifier: Apache-2.0
#include "core/live/event_log.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace wsfleet {
namespace {

constexpr const char* kTime = "2026-03-01T09:30:00.123Z";

TEST(EventLog, TextQuotesWhatIsNoWord) {
  EXPECT_EQ(format_event(LogFormat::text, kTime, LogLevel::info, "connection_closed",
                         {{"connection", 12}, {"reason", "going away"}, {"room", ""}, {"s", 0.5}}),
            "2026-03-01T09:30:00.123Z info connection_closed connection=12 "
            "reason=\"going away\" room=\"\" s=0.5");
}

TEST(EventLog, WhatClientsSendCantForgeALine) {
  const std::string line = format_event(LogFormat::text, kTime, LogLevel::warning, "bad_request",
                                        {{"path", "/ws/\n2026 info all_is_well"}});
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_NE(line.find("\\n"), std::string::npos);
}

TEST(EventLog, JsonIsJsonWhateverBytesCome) {
  const std::string line = format_event(
      LogFormat::json, kTime, LogLevel::error, "bad_request",
      {{"path", std::string_view("\xff\"\\\n\0", 5)}, {"bytes", std::int64_t{1} << 40U}});
  const auto read = nlohmann::json::parse(line);
  EXPECT_EQ(read["level"], "error");
  EXPECT_EQ(read["event"], "bad_request");
  EXPECT_EQ(read["bytes"], 1099511627776);
  EXPECT_EQ(line.find('\n'), std::string::npos);
}

TEST(EventLog, LevelsBelowItsOwnAreLeftOut) {
  testing::internal::CaptureStderr();
  {
    EventLog log(LogFormat::text, LogLevel::warning);
    EXPECT_FALSE(log.enabled(LogLevel::info));
    log.write(LogLevel::info, "quiet");
    log.write(LogLevel::error, "loud", {{"n", 1}});
  }
  const std::string out = testing::internal::GetCapturedStderr();
  EXPECT_EQ(out.find("quiet"), std::string::npos);
  EXPECT_NE(out.find(" error loud n=1\n"), std::string::npos);
}

}  // namespace
}  // namespace wsfleet
