// SPDX-License-Identifier: Apache-2.0
#include "loadgen/live/outputs/status_words.h"

#include <fmt/format.h>

#include <cstdio>
#include <string>

namespace wsfleet {

void StdoutWords::say(std::uint64_t serial, std::string_view word) {
  const std::string line = fmt::format("connection {}: {}\n", serial + 1, word);
  std::fputs(line.c_str(), stdout);
  std::fflush(stdout);
}

}  // namespace wsfleet
