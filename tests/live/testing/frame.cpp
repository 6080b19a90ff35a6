// SPDX-License-Identifier: Apache-2.0
#include "tests/live/testing/frame.h"

#include <array>

namespace wsfleet {
namespace {

constexpr std::array<unsigned char, 4> kMask = {0x37, 0xfa, 0x21, 0x3d};

void append_big_endian(std::string& bytes, std::uint64_t value, int width) {
  for (int byte = width - 1; byte >= 0; --byte) {
    bytes.push_back(static_cast<char>((value >> (8 * byte)) & 0xFFU));
  }
}

std::uint64_t read_big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8U | static_cast<unsigned char>(byte);
  return value;
}

LengthField minimal_field(std::uint64_t length) {
  if (length < 126) return LengthField::bits7;
  return length <= 0xFFFF ? LengthField::bits16 : LengthField::bits64;
}

void append_masked(std::string& bytes, std::string_view payload) {
  for (std::size_t i = 0; i < payload.size(); ++i) {
    bytes.push_back(static_cast<char>(static_cast<unsigned char>(payload[i]) ^ kMask[i % 4]));
  }
}

}  // namespace

std::string encode(const Frame& frame) {
  const std::uint64_t length = frame.announced_length.value_or(frame.payload.size());
  const LengthField field =
      frame.length_field == LengthField::minimal ? minimal_field(length) : frame.length_field;
  const unsigned mask_bit = frame.masked ? 0x80U : 0U;
  std::string bytes;
  bytes.push_back(static_cast<char>((frame.fin ? 0x80 : 0) | frame.reserved << 4 | frame.opcode));
  if (field == LengthField::bits7) {
    bytes.push_back(static_cast<char>(mask_bit | length));
  } else {
    const bool wide = field == LengthField::bits64;
    bytes.push_back(static_cast<char>(mask_bit | (wide ? 127U : 126U)));
    append_big_endian(bytes, length, wide ? 8 : 2);
  }
  if (!frame.masked) return bytes + frame.payload;
  bytes.append(reinterpret_cast<const char*>(kMask.data()), kMask.size());
  append_masked(bytes, frame.payload);
  return bytes;
}

Frame text_frame(std::string_view payload, bool fin) {
  return {.opcode = kText, .payload = std::string(payload), .fin = fin};
}

Frame continuation_frame(std::string_view payload, bool fin) {
  return {.opcode = kContinuation, .payload = std::string(payload), .fin = fin};
}

std::string close_payload(int code, std::string_view reason) {
  std::string payload;
  append_big_endian(payload, static_cast<std::uint64_t>(code), 2);
  return payload.append(reason);
}

Frame close_frame(int code, std::string_view reason) {
  return {.opcode = kClose, .payload = close_payload(code, reason)};
}

std::optional<Frame> take_frame(std::string& bytes) {
  if (bytes.size() < 2) return std::nullopt;
  const auto first = static_cast<unsigned char>(bytes[0]);
  const auto second = static_cast<unsigned char>(bytes[1]);
  const unsigned short_length = second & 0x7FU;
  const std::size_t width = short_length < 126 ? 0 : short_length == 126 ? 2 : 8;
  Frame frame;
  frame.fin = (first & 0x80U) != 0;
  frame.reserved = first >> 4 & 7;
  frame.opcode = first & 15;
  frame.masked = (second & 0x80U) != 0;
  const std::size_t mask_at = 2 + width;
  const std::size_t payload_at = mask_at + (frame.masked ? 4 : 0);
  if (bytes.size() < payload_at) return std::nullopt;
  const std::uint64_t length =
      width == 0 ? short_length : read_big_endian(std::string_view(bytes).substr(2, width));
  if (bytes.size() - payload_at < length) return std::nullopt;
  frame.payload = bytes.substr(payload_at, length);
  for (std::size_t i = 0; frame.masked && i < frame.payload.size(); ++i) {
    frame.payload[i] = static_cast<char>(frame.payload[i] ^ bytes[mask_at + i % 4]);
  }
  bytes.erase(0, payload_at + length);
  return frame;
}

int close_code(const Frame& frame) {
  if (frame.payload.size() < 2) return kNoCode;
  return static_cast<int>(read_big_endian(std::string_view(frame.payload).substr(0, 2)));
}

std::string close_reason(const Frame& frame) {
  return frame.payload.size() < 2 ? "" : frame.payload.substr(2);
}

}  // namespace wsfleet
