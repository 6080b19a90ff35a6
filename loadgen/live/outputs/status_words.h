// SPDX-License-Identifier: Apache-2.0
#pragma once
// The words that the original's client prints for each of its connections (`--like-original`):
// pending, connecting, alive, retrying, failed. Thread-safe: a line is written whole.

#include <cstdint>
#include <string_view>

namespace wsfleet {

class StatusWords {
 public:
  virtual ~StatusWords() = default;
  /// `serial` counts from 0, the connections that people see from 1.
  virtual void say(std::uint64_t serial, std::string_view word) = 0;
};

/// "connection 3: alive" on stdout.
class StdoutWords final : public StatusWords {
 public:
  void say(std::uint64_t serial, std::string_view word) override;
};

}  // namespace wsfleet
