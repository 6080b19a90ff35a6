// SPDX-License-Identifier: Apache-2.0
#include "results/text_table.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace wsfleet {
namespace {

constexpr std::size_t kGap = 2;

const char* code_of(Tone tone) {
  switch (tone) {
    case Tone::plain:
      return "";
    case Tone::good:
      return "\x1b[32m";
    case Tone::bad:
      return "\x1b[31m";
    case Tone::dim:
      return "\x1b[2m";
    case Tone::strong:
      break;
  }
  return "\x1b[1m";
}

std::string fixed(double value, int decimals) {
  char text[400];
  const auto end =
      std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, decimals).ptr;
  std::string digits(text, end);
  const bool zero = digits.find_first_not_of("-0.") == std::string::npos;
  if (zero && digits.front() == '-') digits.erase(0, 1);
  return digits;
}

// "1234567.8" to "1,234,567.8".
std::string grouped(std::string digits) {
  const std::size_t begin = digits.front() == '-' ? 1 : 0;
  std::size_t end = digits.find('.');
  if (end == std::string::npos) end = digits.size();
  for (std::size_t at = end; at > begin + 3;) {
    at -= 3;
    digits.insert(at, 1, ',');
  }
  return digits;
}

// The power of ten of the last of `significant` digits of `value`, which is not 0.
int last_place(double value, int significant) {
  return static_cast<int>(std::floor(std::log10(std::abs(value)))) - significant + 1;
}

// Decimals that leave `significant` digits of `value`.
int decimals_for(double value, int significant) {
  if (value == 0 || !std::isfinite(value)) return 0;
  return std::clamp(-last_place(value, significant), 0, 9);
}

// Rounded to a multiple of 10^place: "0.08", "11,960".
std::string rounded(double value, int place) {
  if (place <= 0) return grouped(fixed(value, -place));
  const double unit = std::pow(10.0, place);
  return grouped(fixed(std::round(value / unit) * unit, 0));
}

// Mean and half width end at the same place: two significant digits of the half width, but no more
// than four of the mean. A half width that vanishes there is 0.
std::string with_half_width(double mean, double half_width) {
  if (half_width == 0) return format_value(mean) + " ± 0";
  int place = last_place(half_width, 2);
  if (mean != 0) place = std::max(place, last_place(mean, 4));
  if (half_width >= 0.5 * std::pow(10.0, place)) {
    return rounded(mean, place) + " ± " + rounded(half_width, place);
  }
  return (place <= 0 ? format_value(mean) : rounded(mean, place)) + " ± 0";
}

}  // namespace

std::size_t shown_width(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string with_tone(std::string_view text, Tone tone, bool color) {
  if (!color || tone == Tone::plain || text.empty()) return std::string(text);
  return std::string(code_of(tone)) + std::string(text) + "\x1b[0m";
}

std::string format_value(double value) {
  if (std::isnan(value)) return "-";
  if (std::isinf(value)) return value > 0 ? "never" : "-never";
  const double size = std::abs(value);
  if (size >= 1e12) {
    char text[32];
    const auto end =
        std::to_chars(text, text + sizeof text, value, std::chars_format::scientific, 2).ptr;
    return {text, end};
  }
  if (size >= 999.5 || value == std::round(value)) return grouped(fixed(value, 0));
  if (size < 1e-6) {
    char text[32];
    const auto end =
        std::to_chars(text, text + sizeof text, value, std::chars_format::scientific, 1).ptr;
    return {text, end};
  }
  return fixed(value, decimals_for(value, 3));
}

std::string format_estimate(const Estimate& estimate) {
  if (estimate.values == 0) return estimate.infinite > 0 ? "never" : "-";
  if (estimate.infinite > 0) {
    return format_value(estimate.mean) + " (" + std::to_string(estimate.infinite) + "/" +
           std::to_string(estimate.values + estimate.infinite) + " never)";
  }
  return std::isnan(estimate.half_width) ? format_value(estimate.mean)
                                         : with_half_width(estimate.mean, estimate.half_width);
}

std::string format_difference(const Difference& difference) {
  if (std::isnan(difference.mean)) return "-";
  const std::string text = std::isnan(difference.half_width)
                               ? format_value(difference.mean)
                               : with_half_width(difference.mean, difference.half_width);
  return difference.mean > 0 ? "+" + text : text;
}

std::vector<std::size_t> TextTable::widths() const {
  std::vector<std::size_t> widths;
  for (const std::string& header : headers_) widths.push_back(shown_width(header));
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], shown_width(row[i].text));
    }
  }
  return widths;
}

std::string TextTable::render(bool color, std::size_t columns) const {
  const std::vector<std::size_t> width = widths();
  std::string out;
  const auto put = [&](std::string& line, std::size_t column, const TextCell& cell) {
    const std::string padding(width[column] - shown_width(cell.text), ' ');
    if (column == 0) {
      line += with_tone(cell.text, cell.tone, color) + padding;
    } else {
      line += std::string(kGap, ' ') + padding + with_tone(cell.text, cell.tone, color);
    }
  };
  const auto finish = [&](std::string line) {
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  };
  for (std::size_t begin = 1; begin < headers_.size();) {
    std::size_t total = width[0] + kGap + width[begin];
    std::size_t end = begin + 1;
    while (end < headers_.size() && total + kGap + width[end] <= columns) {
      total += kGap + width[end++];
    }
    if (begin > 1) out += "\n";
    std::string line;
    put(line, 0, {headers_[0], Tone::strong});
    for (std::size_t i = begin; i < end; ++i) put(line, i, {headers_[i], Tone::strong});
    finish(line);
    for (const auto& row : rows_) {
      line.clear();
      put(line, 0, row[0]);
      for (std::size_t i = begin; i < end; ++i) put(line, i, row[i]);
      finish(line);
    }
    begin = end;
  }
  return out;
}

std::string wrap(std::string_view text, std::size_t indent, std::size_t columns) {
  std::string out;
  std::size_t used = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t width = shown_width(word);
    if (used > 0 && used + 1 + width > columns) {
      out += "\n" + std::string(indent, ' ');
      used = indent;
    } else if (used > 0) {
      out += ' ';
      ++used;
    }
    out += word;
    used += width;
  }
  return out;
}

}  // namespace wsfleet
