// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/websocket/wire.h"

#include <openssl/evp.h>
#include <strings.h>

#include <cstring>

namespace wsfleet::bench {
namespace {

constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

std::uint8_t byte_at(const char* bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}

std::string base64(const unsigned char* bytes, std::size_t size) {
  std::array<unsigned char, 64> text;  // of 20 bytes at most, and a zero
  const int length = EVP_EncodeBlock(text.data(), bytes, static_cast<int>(size));
  return {reinterpret_cast<const char*>(text.data()), static_cast<std::size_t>(length)};
}

/// The header into `bytes`, which has room for kHeaderBytesMax; its length.
std::size_t write_header(char* bytes, Opcode opcode, std::size_t payload_bytes, bool masked) {
  const unsigned mask_bit = masked ? 0x80U : 0U;
  bytes[0] = static_cast<char>(0x80U | static_cast<unsigned>(opcode));
  if (payload_bytes < 126) {
    bytes[1] = static_cast<char>(mask_bit | payload_bytes);
    return 2;
  }
  bytes[1] = static_cast<char>(mask_bit | 126U);
  bytes[2] = static_cast<char>(payload_bytes >> 8U);
  bytes[3] = static_cast<char>(payload_bytes & 0xFFU);
  return 4;
}

bool is_known(std::uint8_t opcode) {
  return opcode == 1 || opcode == 2 || (opcode >= 8 && opcode <= 10);
}

}  // namespace

Parsed parse_frame(char* bytes, std::size_t size, Frame& frame) {
  if (size < 2) return Parsed::partial;
  const std::uint8_t first = byte_at(bytes, 0);
  const std::uint8_t second = byte_at(bytes, 1);
  if ((first & 0xF0U) != 0x80U || !is_known(first & 0x0FU)) return Parsed::unsound;
  frame.opcode = static_cast<Opcode>(first & 0x0FU);
  frame.masked = (second & 0x80U) != 0;
  frame.payload_bytes = second & 0x7FU;
  std::size_t header_bytes = 2;
  if (frame.payload_bytes == 127) return Parsed::unsound;
  if (frame.payload_bytes == 126) {
    header_bytes = 4;
    if (size < header_bytes) return Parsed::partial;
    frame.payload_bytes = (static_cast<std::size_t>(byte_at(bytes, 2)) << 8U) | byte_at(bytes, 3);
  }
  if (frame.masked) {
    if (size < header_bytes + 4) return Parsed::partial;
    std::memcpy(frame.key.data(), bytes + header_bytes, 4);
    header_bytes += 4;
  }
  frame.frame_bytes = header_bytes + frame.payload_bytes;
  frame.payload = bytes + header_bytes;
  return size < frame.frame_bytes ? Parsed::partial : Parsed::whole;
}

void mask(char* bytes, std::size_t size, const std::array<char, 4>& key) {
  std::uint32_t half = 0;
  std::memcpy(&half, key.data(), 4);
  const std::uint64_t key_twice = (static_cast<std::uint64_t>(half) << 32U) | half;
  std::size_t at = 0;
  for (; at + 8 <= size; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes + at, 8);
    word ^= key_twice;
    std::memcpy(bytes + at, &word, 8);
  }
  for (; at < size; ++at) bytes[at] = static_cast<char>(bytes[at] ^ key[at % 4]);
}

void append_frame(std::string& output, Opcode opcode, std::string_view payload) {
  std::array<char, kHeaderBytesMax> header;
  output.append(header.data(), write_header(header.data(), opcode, payload.size(), false));
  output.append(payload);
}

void append_masked_frame(std::string& output, Opcode opcode, std::string_view payload,
                         const std::array<char, 4>& key) {
  std::array<char, kHeaderBytesMax> header;
  const std::size_t length = write_header(header.data(), opcode, payload.size(), true);
  std::memcpy(header.data() + length, key.data(), 4);
  output.append(header.data(), length + 4);
  output.append(payload);
  mask(output.data() + output.size() - payload.size(), payload.size(), key);
}

std::array<char, 4> MaskingKeys::next() {
  state_ += 0x9E3779B97F4A7C15U;
  std::uint64_t bits = state_;
  bits = (bits ^ (bits >> 30U)) * 0xBF58476D1CE4E5B9U;
  bits = (bits ^ (bits >> 27U)) * 0x94D049BB133111EBU;
  std::array<char, 4> key;
  std::memcpy(key.data(), &bits, 4);
  return key;
}

std::string handshake_key(std::uint64_t high, std::uint64_t low) {
  std::array<unsigned char, 16> bytes;
  std::memcpy(bytes.data(), &high, 8);
  std::memcpy(bytes.data() + 8, &low, 8);
  return base64(bytes.data(), bytes.size());
}

std::string handshake_accept(std::string_view key) {
  std::string text(key);
  text += kGuid;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned length = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha1(), nullptr);
  return base64(digest.data(), length);
}

std::optional<std::string_view> http_field(std::string_view head, std::string_view name) {
  for (std::size_t line = head.find("\r\n"); line != std::string_view::npos;
       line = head.find("\r\n", line + 2)) {
    const std::string_view rest = head.substr(line + 2);
    if (rest.size() <= name.size() || rest[name.size()] != ':' ||
        strncasecmp(rest.data(), name.data(), name.size()) != 0) {
      continue;
    }
    std::string_view value = rest.substr(name.size() + 1);
    value = value.substr(0, value.find("\r\n"));
    const std::size_t begin = value.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return std::string_view();
    return value.substr(begin, value.find_last_not_of(" \t") - begin + 1);
  }
  return std::nullopt;
}

}  // namespace wsfleet::bench
