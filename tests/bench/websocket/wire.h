// SPDX-License-Identifier: Apache-2.0
#pragma once
// As much of RFC 6455 as the raw epoll server and client need: the handshake and whole frames of at
// most 64 KiB, in place, nothing allocated. What they do not need (fragments, extensions) is an
// error. Values only, thread-safe.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wsfleet::bench {

enum class Opcode : std::uint8_t { text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

inline constexpr std::size_t kFrameBytesMax = 65'536;
/// Flags and opcode, length, masking key.
inline constexpr std::size_t kHeaderBytesMax = 8;

/// A whole frame at the start of the bytes that came.
struct Frame {
  Opcode opcode = Opcode::binary;
  bool masked = false;
  std::array<char, 4> key{};
  char* payload = nullptr;
  std::size_t payload_bytes = 0;
  std::size_t frame_bytes = 0;  // with the header

  std::string_view text() const { return {payload, payload_bytes}; }
};

enum class Parsed { whole, partial, unsound };

/// Fills `frame` when a whole one is there.
Parsed parse_frame(char* bytes, std::size_t size, Frame& frame);

/// XORs the key over the bytes; doing it again undoes it.
void mask(char* bytes, std::size_t size, const std::array<char, 4>& key);

/// Appends a frame as servers send them, and as clients do.
void append_frame(std::string& output, Opcode opcode, std::string_view payload);
void append_masked_frame(std::string& output, Opcode opcode, std::string_view payload,
                         const std::array<char, 4>& key);

/// Masking keys: SplitMix64 (Steele, Lea and Flood 2014), a new one for each frame.
class MaskingKeys {
 public:
  explicit MaskingKeys(std::uint64_t start) : state_(start) {}
  std::array<char, 4> next();

 private:
  std::uint64_t state_;
};

/// A key for a handshake: 16 bytes in base64.
std::string handshake_key(std::uint64_t high, std::uint64_t low);
/// Sec-WebSocket-Accept for a Sec-WebSocket-Key: base64(SHA-1(key + GUID)).
std::string handshake_accept(std::string_view key);

/// The value of a field in the head of an HTTP message, without the blanks around it; the name in
/// any case. Absent when the field is.
std::optional<std::string_view> http_field(std::string_view head, std::string_view name);

}  // namespace wsfleet::bench
