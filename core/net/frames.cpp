// SPDX-License-Identifier: Apache-2.0
#include "core/net/frames.h"

#include <cstring>

#include "core/live/entropy.h"

namespace wsfleet {

FrameHeader::FrameHeader(Opcode opcode, std::size_t payload_bytes) {
  constexpr unsigned kFinal = 0x80;
  const std::uint64_t size = payload_bytes;
  int length_bytes = 0;  // that follow the first one, big-endian
  bytes_[size_++] = static_cast<char>(kFinal | static_cast<unsigned>(opcode));
  if (size < 126) {
    bytes_[size_++] = static_cast<char>(size);
  } else if (size <= 0xFFFF) {
    bytes_[size_++] = 126;
    length_bytes = 2;
  } else {
    bytes_[size_++] = 127;
    length_bytes = 8;
  }
  for (int byte = length_bytes - 1; byte >= 0; --byte) {
    bytes_[size_++] = static_cast<char>((size >> (8 * byte)) & 0xFFU);
  }
}

FrameHeader::FrameHeader(Opcode opcode, std::size_t payload_bytes, std::uint32_t masking_key)
    : FrameHeader(opcode, payload_bytes) {
  constexpr unsigned kMasked = 0x80;
  bytes_[1] = static_cast<char>(static_cast<unsigned char>(bytes_[1]) | kMasked);
  std::memcpy(bytes_.data() + size_, &masking_key, sizeof masking_key);
  size_ += sizeof masking_key;
}

std::string encode_frame(Opcode opcode, std::string_view payload) {
  const FrameHeader header(opcode, payload.size());
  std::string frame;
  frame.reserve(header.bytes().size() + payload.size());
  frame.append(header.bytes());
  frame.append(payload);
  return frame;
}

void mask(char* out, std::string_view payload, std::uint32_t masking_key) {
  const std::uint64_t wide = (std::uint64_t{masking_key} << 32U) | masking_key;
  std::size_t at = 0;
  for (; at + sizeof wide <= payload.size(); at += sizeof wide) {
    std::uint64_t word = 0;
    std::memcpy(&word, payload.data() + at, sizeof word);
    word ^= wide;
    std::memcpy(out + at, &word, sizeof word);
  }
  char key[4];
  std::memcpy(key, &masking_key, sizeof key);
  for (; at < payload.size(); ++at) out[at] = static_cast<char>(payload[at] ^ key[at % 4]);
}

MaskingKeys::MaskingKeys() : state_(entropy_bits()) {}

// Source: SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014).
std::uint32_t MaskingKeys::next() {
  std::uint64_t bits = state_ += 0x9E3779B97F4A7C15ULL;
  bits = (bits ^ (bits >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  bits = (bits ^ (bits >> 27U)) * 0x94D049BB133111EBULL;
  return static_cast<std::uint32_t>(bits >> 32U);
}

}  // namespace wsfleet
