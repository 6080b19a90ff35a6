// SPDX-License-Identifier: Apache-2.0
#pragma once
// WebSocket frames (RFC 6455, 5.2) as tests need them: any bit can be set wrong on the way out, and
// what comes in is taken as it is. Pure; independent of the library that the server uses.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wsfleet {

inline constexpr int kContinuation = 0;
inline constexpr int kText = 1;
inline constexpr int kBinary = 2;
inline constexpr int kClose = 8;
inline constexpr int kPing = 9;
inline constexpr int kPong = 10;

/// Codes that stand for what is not in a frame (7.1.5): a close frame without a code, and no close
/// frame at all.
inline constexpr int kNoCode = 1005;
inline constexpr int kNoCloseFrame = 1006;

enum class LengthField { minimal, bits7, bits16, bits64 };

struct Frame {
  int opcode = kText;
  std::string payload = {};
  bool fin = true;
  int reserved = 0;  // RSV1 is 4, RSV2 is 2, RSV3 is 1
  bool masked = true;
  LengthField length_field = LengthField::minimal;
  std::optional<std::uint64_t> announced_length = {};  // other than the payload's
};

std::string encode(const Frame& frame);

Frame text_frame(std::string_view payload, bool fin = true);
Frame continuation_frame(std::string_view payload, bool fin = true);
Frame close_frame(int code, std::string_view reason = "");
/// The payload of a close frame.
std::string close_payload(int code, std::string_view reason = "");

/// Takes the first frame off `bytes` when it is whole.
std::optional<Frame> take_frame(std::string& bytes);

/// What a close frame carries; kNoCode for an empty one.
int close_code(const Frame& frame);
std::string close_reason(const Frame& frame);

}  // namespace wsfleet
