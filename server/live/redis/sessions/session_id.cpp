// SPDX-License-Identifier: Apache-2.0
#include "server/live/redis/sessions/session_id.h"

#include <fmt/format.h>

namespace wsfleet {

std::string SessionId::text() const {
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32U, (high >> 16U) & 0xFFFFU,
                     high & 0xFFFFU, low >> 48U, low & 0xFFFFFFFFFFFFULL);
}

std::optional<SessionId> SessionId::parse(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  SessionId id;
  int digits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (c != '-') return std::nullopt;
      continue;
    }
    // Lower case only, so that text() gives back what was parsed.
    const bool decimal = c >= '0' && c <= '9';
    if (!decimal && !(c >= 'a' && c <= 'f')) return std::nullopt;
    std::uint64_t& half = digits < 16 ? id.high : id.low;
    half = half << 4U | static_cast<std::uint64_t>(decimal ? c - '0' : c - 'a' + 10);
    ++digits;
  }
  return id;
}

}  // namespace wsfleet
