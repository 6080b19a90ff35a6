// SPDX-License-Identifier: Apache-2.0
#include "core/toml/diagnostics.h"

#include <fmt/format.h>

#include <algorithm>

namespace wsfleet {
namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

// As wide as what stands before `column`, which counts UTF-8 characters from 1. Tabs stay tabs.
std::string indent_to(std::string_view line, std::uint32_t column) {
  std::string indent;
  for (const char c : line) {
    const bool continues_character = (static_cast<unsigned char>(c) & 0xc0U) == 0x80U;
    if (continues_character) continue;
    if (indent.size() + 1 >= column) break;
    indent += c == '\t' ? '\t' : ' ';
  }
  if (indent.size() + 1 < column) indent.resize(column - 1, ' ');
  return indent;
}

}  // namespace

std::optional<std::string> closest_match(std::string_view word,
                                         const std::vector<std::string>& candidates) {
  std::optional<std::string> best;
  std::size_t best_distance = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance && distance < candidate.size()) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

std::string render(const Diagnostic& diagnostic) {
  std::string text = diagnostic.line > 0
                         ? fmt::format("{}:{}:{}: error: {}", diagnostic.file, diagnostic.line,
                                       diagnostic.column, diagnostic.message)
                         : fmt::format("{}: error: {}", diagnostic.file, diagnostic.message);
  if (diagnostic.source_line.empty()) {
    if (!diagnostic.hint.empty()) text += " (" + diagnostic.hint + ")";
    return text;
  }
  const std::string number = fmt::format("{:>4}", diagnostic.line);
  const std::string margin(number.size(), ' ');
  text += fmt::format("\n{} | {}\n{} | {}^", number, diagnostic.source_line, margin,
                      indent_to(diagnostic.source_line, diagnostic.column));
  if (!diagnostic.hint.empty()) text += " " + diagnostic.hint;
  return text;
}

std::string render(const std::vector<Diagnostic>& diagnostics) {
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (!text.empty()) text += "\n";
    text += render(diagnostic);
  }
  return text;
}

}  // namespace wsfleet
