// SPDX-License-Identifier: Apache-2.0
#include "server/live/redis/sessions/session_id.h"

#include <gtest/gtest.h>

#include "core/live/entropy.h"

namespace wsfleet {
namespace {

TEST(SessionId, GivesBackWhatWasParsed) {
  for (int i = 0; i < 1000; ++i) {
    const std::string text = random_uuid();
    const auto id = SessionId::parse(text);
    ASSERT_TRUE(id) << text;
    EXPECT_EQ(id->text(), text);
  }
  const auto id = SessionId::parse("00112233-4455-6677-8899-aabbccddeeff");
  ASSERT_TRUE(id);
  EXPECT_EQ(id->high, 0x0011223344556677U);
  EXPECT_EQ(id->low, 0x8899aabbccddeeffU);
}

TEST(SessionId, IsNothingElse) {
  for (const char* text :
       {"", "x", "00112233-4455-6677-8899-aabbccddeef", "00112233-4455-6677-8899-aabbccddeeff0",
        "00112233-4455-6677-8899-AABBCCDDEEFF", "00112233+4455-6677-8899-aabbccddeeff",
        "0011223304455-6677-8899-aabbccddeeff", "00112233-4455-6677-8899-aabbccddeefg",
        "001122334-455-6677-8899-aabbccddeeff"}) {
    EXPECT_FALSE(SessionId::parse(text)) << text;
  }
}

}  // namespace
}  // namespace wsfleet
