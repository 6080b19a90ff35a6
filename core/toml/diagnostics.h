// SPDX-License-Identifier: Apache-2.0
#pragma once
// Mistakes in what a user wrote, each with its place and a suggestion; all of them are shown at
// once. Values only.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wsfleet {

struct Diagnostic {
  std::string file;  // as the user named it; "--set PATH=VALUE" for overrides
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::string message;      // "unknown key 'targt' in [policy.hpa]"
  std::string hint;         // "did you mean 'target'?", "" for none
  std::string source_line;  // the text of the line, "" when there is none
};

/// file:line:column: error: message, the source line, the caret and the hint; no trailing newline.
std::string render(const Diagnostic& diagnostic);
std::string render(const std::vector<Diagnostic>& diagnostics);

/// The closest of `candidates` to what the user wrote, if any is close enough to be meant.
std::optional<std::string> closest_match(std::string_view word,
                                         const std::vector<std::string>& candidates);

}  // namespace wsfleet
