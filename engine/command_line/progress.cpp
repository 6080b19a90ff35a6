// SPDX-License-Identifier: Apache-2.0
#include "engine/command_line/progress.h"

#include <cstdio>

namespace wsfleet {
namespace {

constexpr double kIntervalS = 0.1;

}  // namespace

bool ProgressLine::due() const {
  return shown_ && (last_s_ < 0 || stopwatch_.elapsed_s() - last_s_ >= kIntervalS);
}

void ProgressLine::show(const std::string& text) {
  if (!due()) return;
  last_s_ = stopwatch_.elapsed_s();
  visible_ = true;
  std::fprintf(stderr, "\r\x1b[K%s", text.c_str());  // ESC [ K: erase the line
  std::fflush(stderr);
}

void ProgressLine::clear() {
  if (!visible_) return;
  visible_ = false;
  std::fputs("\r\x1b[K", stderr);
  std::fflush(stderr);
}

}  // namespace wsfleet
