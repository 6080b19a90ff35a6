// SPDX-License-Identifier: Apache-2.0
#pragma once
// Files by which programs hear and say things: their settings, their logs. Whole files at a time.

#include <cstddef>
#include <string>

#include "core/result.h"

namespace wsfleet {

/// The file's text; "" when it can't be read.
std::string text_of(const std::string& path);
/// Its last lines, for an error message.
std::string last_lines(const std::string& path, std::size_t lines = 5);
/// A file that is there whole or as it was: written beside its place, then renamed.
Result<void> replace_file(const std::string& path, const std::string& text);

}  // namespace wsfleet
