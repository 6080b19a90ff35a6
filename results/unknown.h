// SPDX-License-Identifier: Apache-2.0
#pragma once
// No value: not known, or nothing to compute it from. JSON has null for it, text a dash. Plain
// values.

#include <limits>

namespace wsfleet {

inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

}  // namespace wsfleet
