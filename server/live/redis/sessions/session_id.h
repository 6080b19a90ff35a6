// SPDX-License-Identifier: Apache-2.0
#pragma once
// A session's UUID in its 16 bytes: a server keeps one for each connection. Pure.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace wsfleet {

struct SessionId {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  bool operator==(const SessionId&) const = default;
  /// As random_uuid (core/live/entropy.h) writes it.
  std::string text() const;
  static std::optional<SessionId> parse(std::string_view text);
};

}  // namespace wsfleet

template <>
struct std::hash<wsfleet::SessionId> {
  // A random UUID's bits are as good as a hash.
  std::size_t operator()(const wsfleet::SessionId& id) const noexcept { return id.high ^ id.low; }
};
