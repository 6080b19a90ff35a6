// SPDX-License-Identifier: Apache-2.0
#pragma once
// Wall time that people wait, for `wall_s` and for progress lines. Nothing that a run measures or
// decides may depend on it. Values only.

#include <chrono>

namespace wsfleet {

class Stopwatch {
 public:
  double elapsed_s() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace wsfleet
