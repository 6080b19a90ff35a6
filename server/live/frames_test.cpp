// SPDX-License-Identifier: Apache-2.0
#include "server/live/frames.h"

#include <gtest/gtest.h>

#include <string>

namespace wsfleet {
namespace {

std::string bytes(std::initializer_list<int> values) {
  std::string text;
  for (const int value : values) text.push_back(static_cast<char>(value));
  return text;
}

// RFC 6455, 5.7: "a single-frame unmasked text message".
TEST(Frames, TextAsInTheRfcsExample) {
  EXPECT_EQ(encode_frame(Opcode::text, "Hello"), bytes({0x81, 0x05}) + "Hello");
}

// RFC 6455, 5.7: 256 bytes and 64 KiB of binary data.
TEST(Frames, LengthsTakeTheShortestForm) {
  const auto header = [](std::size_t size) {
    const std::string frame = encode_frame(Opcode::binary, std::string(size, 'x'));
    return frame.substr(0, frame.size() - size);
  };
  EXPECT_EQ(header(0), bytes({0x82, 0}));
  EXPECT_EQ(header(125), bytes({0x82, 125}));
  EXPECT_EQ(header(126), bytes({0x82, 126, 0, 126}));
  EXPECT_EQ(header(256), bytes({0x82, 126, 1, 0}));
  EXPECT_EQ(header(65535), bytes({0x82, 126, 0xFF, 0xFF}));
  EXPECT_EQ(header(65536), bytes({0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0}));
}

TEST(Frames, PingHasItsOpcodeAndNoMask) {
  EXPECT_EQ(encode_frame(Opcode::ping, "12345678"), bytes({0x89, 8}) + "12345678");
}

}  // namespace
}  // namespace wsfleet
