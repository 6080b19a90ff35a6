// SPDX-License-Identifier: Apache-2.0
#include "server/live/redis/rooms/room_message.h"

#include <gtest/gtest.h>

namespace wsfleet {
namespace {

std::string all_bytes() {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  return bytes;
}

TEST(RoomMessage, ComesBackWholeWhateverIsInIt) {
  const SessionId sender{0x8011223344556677U, 0x8899aabbccddeeffU};
  for (const std::string& payload : {std::string(), std::string("hello"), all_bytes()}) {
    for (const bool text : {true, false}) {
      const std::string bytes = encode_room_message({sender, text, payload});
      EXPECT_EQ(bytes.size(), 18 + payload.size());
      const auto message = decode_room_message(bytes);
      ASSERT_TRUE(message);
      EXPECT_EQ(message->sender, sender);
      EXPECT_EQ(message->text, text);
      EXPECT_EQ(message->payload, payload);
    }
  }
}

TEST(RoomMessage, IsNothingThatSomebodyElseSaid) {
  const std::string good = encode_room_message({{1, 2}, true, "x"});
  for (std::size_t size = 0; size < 18; ++size) {
    EXPECT_FALSE(decode_room_message(good.substr(0, size))) << size;
  }
  std::string other_version = good;
  other_version[0] = 2;
  EXPECT_FALSE(decode_room_message(other_version));
  std::string other_kind = good;
  other_kind[1] = 'x';
  EXPECT_FALSE(decode_room_message(other_kind));
  EXPECT_FALSE(decode_room_message("a message from a person at redis-cli"));
}

}  // namespace
}  // namespace wsfleet
