// SPDX-License-Identifier: Apache-2.0
#include "server/live/redis/rooms/room_message.h"

#include <cstdint>

namespace wsfleet {
namespace {

constexpr char kVersion = 1;
constexpr std::size_t kHeaderBytes = 2 + 16;

void append_big_endian(std::string& bytes, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xFFU);
}

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes.substr(0, 8)) value = value << 8U | static_cast<unsigned char>(c);
  return value;
}

}  // namespace

std::string encode_room_message(const RoomMessage& message) {
  std::string bytes;
  bytes.reserve(kHeaderBytes + message.payload.size());
  bytes += kVersion;
  bytes += message.text ? 't' : 'b';
  append_big_endian(bytes, message.sender.high);
  append_big_endian(bytes, message.sender.low);
  bytes += message.payload;
  return bytes;
}

std::optional<RoomMessage> decode_room_message(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes || bytes[0] != kVersion) return std::nullopt;
  if (bytes[1] != 't' && bytes[1] != 'b') return std::nullopt;
  RoomMessage message;
  message.text = bytes[1] == 't';
  message.sender = {big_endian(bytes.substr(2)), big_endian(bytes.substr(10))};
  message.payload = bytes.substr(kHeaderBytes);
  return message;
}

}  // namespace wsfleet
