// SPDX-License-Identifier: Apache-2.0
#pragma once
// WebSocket frames as they are written (RFC 6455, 5.2 and 5.3): a server's unmasked, encoded once
// and then shared by all whom they go to; a client's masked. Beast reads frames, and writes the
// control frames that answer; these are the others. Pure but for where the masking keys start.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace wsfleet {

enum class Opcode : std::uint8_t { text = 1, binary = 2, ping = 9 };

/// The header of a final frame: 2, 4 or 10 bytes, and 4 more for a masking key.
class FrameHeader {
 public:
  FrameHeader(Opcode opcode, std::size_t payload_bytes);
  FrameHeader(Opcode opcode, std::size_t payload_bytes, std::uint32_t masking_key);
  std::string_view bytes() const { return {bytes_.data(), size_}; }

 private:
  std::array<char, 14> bytes_;
  std::size_t size_ = 0;
};

/// One final, unmasked frame with its header; a ping's payload has at most 125 bytes.
std::string encode_frame(Opcode opcode, std::string_view payload);

/// `payload` masked into `out`, which has room for it. The key's bytes are those that its header
/// carries.
void mask(char* out, std::string_view payload, std::uint32_t masking_key);

/// A new key for each frame, from a start that nobody can foresee: what a load generator needs
/// against proxies that misread it, not what a browser needs against hostile pages (RFC
/// 6455, 10.3).
class MaskingKeys {
 public:
  MaskingKeys();
  std::uint32_t next();

 private:
  std::uint64_t state_;
};

}  // namespace wsfleet
