// SPDX-License-Identifier: Apache-2.0
#include "server/live/frames.h"

namespace wsfleet {

std::string encode_frame(Opcode opcode, std::string_view payload) {
  constexpr unsigned kFinal = 0x80;
  std::string frame;
  frame.reserve(payload.size() + 10);
  frame.push_back(static_cast<char>(kFinal | static_cast<unsigned>(opcode)));
  const std::uint64_t size = payload.size();
  int length_bytes = 0;  // that follow the first one, big-endian
  if (size < 126) {
    frame.push_back(static_cast<char>(size));
  } else if (size <= 0xFFFF) {
    frame.push_back(126);
    length_bytes = 2;
  } else {
    frame.push_back(127);
    length_bytes = 8;
  }
  for (int byte = length_bytes - 1; byte >= 0; --byte) {
    frame.push_back(static_cast<char>((size >> (8 * byte)) & 0xFFU));
  }
  frame.append(payload);
  return frame;
}

}  // namespace wsfleet
