// SPDX-License-Identifier: Apache-2.0
#pragma once
// Frames as a server sends them (RFC 6455, 5.2: unmasked), encoded once and then shared by all whom
// they go to. Beast reads frames and answers control frames; these are for pushes. Pure.

#include <cstdint>
#include <string>
#include <string_view>

namespace wsfleet {

enum class Opcode : std::uint8_t { text = 1, binary = 2, ping = 9 };

/// One final frame with its header; a ping's payload has at most 125 bytes.
std::string encode_frame(Opcode opcode, std::string_view payload);

}  // namespace wsfleet
