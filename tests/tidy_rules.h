// SPDX-License-Identifier: Apache-2.0
#pragma once
// The rules of the house that a machine can check (CONTRIBUTING.md lists them all): licence line,
// file size and names, no clock or chance but core's, one way to start a
// program, tests' names and helpers, no skipped tests, no paths of one machine.

#include <string>
#include <string_view>
#include <vector>

#include "tests/source_tree.h"

namespace wsfleet {

inline constexpr std::size_t kMaxLines = 400;
inline constexpr std::size_t kMaxColumns = 100;

/// The text without its '@'s. "steady@_clock" lets the rules and their tests name what they forbid
/// and yet pass themselves.
std::string plain(std::string_view guarded);

/// Everything that the file does against the rules, in order of the rules.
std::vector<Finding> tidy_findings(const SourceFile& file);

}  // namespace wsfleet
