// SPDX-License-Identifier: Apache-2.0
#include "core/net/frames.h"

#include <gtest/gtest.h>

#include <set>
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

// RFC 6455, 5.7: "a single-frame masked text message".
TEST(Frames, MaskedTextAsInTheRfcsExample) {
  const std::string key = bytes({0x37, 0xFA, 0x21, 0x3D});
  std::uint32_t masking_key = 0;
  key.copy(reinterpret_cast<char*>(&masking_key), 4);
  std::string masked(5, '\0');
  mask(masked.data(), "Hello", masking_key);
  EXPECT_EQ(std::string(FrameHeader(Opcode::text, 5, masking_key).bytes()) + masked,
            bytes({0x81, 0x85}) + key + bytes({0x7F, 0x9F, 0x4D, 0x51, 0x58}));
}

TEST(Frames, MaskingTwiceGivesThePayloadBackWhateverItsLength) {
  MaskingKeys keys;
  for (std::size_t size = 0; size < 40; ++size) {
    const std::string payload =
        std::string("0123456789abcdefghijklmnopqrstuvwxyzABCDEF").substr(0, size);
    const std::uint32_t key = keys.next();
    std::string masked(size, '\0');
    mask(masked.data(), payload, key);
    std::string back(size, '\0');
    mask(back.data(), masked, key);
    EXPECT_EQ(back, payload);
  }
}

TEST(Frames, KeysDiffer) {
  MaskingKeys one;
  MaskingKeys other;
  std::set<std::uint32_t> seen;
  for (int i = 0; i < 100; ++i) seen.insert({one.next(), other.next()});
  EXPECT_GT(seen.size(), 195U);  // of 200; chance may repeat one
}

}  // namespace
}  // namespace wsfleet
