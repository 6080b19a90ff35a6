// SPDX-License-Identifier: Apache-2.0
#pragma once
// Numbers and tables for terminals: adaptive number formats, columns aligned by what is seen (UTF-8
// and colour codes counted right), wide tables cut into blocks that fit. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "results/compare/statistics.h"

namespace wsfleet {

inline constexpr std::size_t kTextColumns = 100;

enum class Tone { plain, good, bad, dim, strong };

struct TextCell {
  std::string text;
  Tone tone = Tone::plain;
};

/// The first column is aligned left and repeated in every block, the others right.
class TextTable {
 public:
  explicit TextTable(std::vector<std::string> headers) : headers_(std::move(headers)) {}
  void add_row(std::vector<TextCell> cells) { rows_.push_back(std::move(cells)); }
  bool empty() const { return rows_.empty(); }
  /// Blocks of at most `columns`, an empty line between them; every line ends with a newline and
  /// has no trailing blanks.
  std::string render(bool color, std::size_t columns = kTextColumns) const;

 private:
  std::vector<std::size_t> widths() const;

  std::vector<std::string> headers_;
  std::vector<std::vector<TextCell>> rows_;
};

/// Columns that the text takes on a terminal (code points; no wide ones are used here).
std::size_t shown_width(std::string_view text);
std::string with_tone(std::string_view text, Tone tone, bool color);

/// "12.3", "0.0041", "1,234", "never", "-": three significant digits below 1,000, whole above.
std::string format_value(double value);
/// "41.2 ± 0.8", "11,960 ± 340", "2.3 (1/10 never)", "never", "-": at most four significant digits
/// of a mean that has an interval. Without ± below two values, and where some values are infinite:
/// an interval over the rest would claim too much.
std::string format_estimate(const Estimate& estimate);
/// "+12.3 ± 1.1", signed always.
std::string format_difference(const Difference& difference);
/// Breaks at blanks so that no line is wider than `columns`; later lines are indented.
std::string wrap(std::string_view text, std::size_t indent = 0, std::size_t columns = kTextColumns);

}  // namespace wsfleet
