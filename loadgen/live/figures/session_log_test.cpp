// SPDX-License-Identifier: Apache-2.0
#include "loadgen/live/figures/session_log.h"

#include <gtest/gtest.h>

namespace wsfleet {
namespace {

TEST(SessionLog, KeepsNanosecondsAndSortsByIntendedStart) {
  const std::string csv = session_log_csv(
      {{.serial = 7,
        .intended = 2 * kSecond + 1,
        .length = 1500 * kMillisecond,
        .source = 3,
        .first_attempt = 2 * kSecond + 90,
        .opened = 3 * kSecond,
        .attempts = 2},
       {.serial = 9, .intended = 0, .source = 9, .first_attempt = -kSecond / 4, .attempts = 20}});
  EXPECT_EQ(csv,
            "serial,intended_start_s,length_s,source,first_attempt_s,opened_s,attempts\n"
            "9,0.000000000,,9,-0.250000000,,20\n"
            "7,2.000000001,1.500000000,3,2.000000090,3.000000000,2\n");
}

}  // namespace
}  // namespace wsfleet
