// SPDX-License-Identifier: Apache-2.0
#pragma once
// One line on stderr that says how far a command is, rewritten in place; only on a terminal and not
// with -q. Not thread-safe.

#include <string>

#include "core/stopwatch.h"

namespace wsfleet {

class ProgressLine {
 public:
  explicit ProgressLine(bool shown) : shown_(shown) {}
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// At most ten times a second; asks `due()` first where the text costs something to make.
  void show(const std::string& text);
  bool due() const;
  /// Leaves an empty line to print on.
  void clear();

 private:
  bool shown_;
  bool visible_ = false;
  Stopwatch stopwatch_;
  double last_s_ = -1;
};

}  // namespace wsfleet
