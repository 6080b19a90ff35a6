// SPDX-License-Identifier: Apache-2.0
#pragma once
// The version of wsfleet, from CMake's project(). Constant.

namespace wsfleet {

inline constexpr const char* kVersion = WSFLEET_VERSION;

}  // namespace wsfleet
