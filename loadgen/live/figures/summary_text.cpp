// SPDX-License-Identifier: Apache-2.0
// The summary for people.
#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <string>
#include <string_view>

#include "loadgen/live/figures/load_report.h"

namespace wsfleet {
namespace {

std::string for_people(double nanoseconds) {
  if (std::isnan(nanoseconds)) return "-";
  if (std::isinf(nanoseconds)) return "never";
  if (nanoseconds < 1e6) return fmt::format("{:.0f} µs", nanoseconds / 1e3);
  if (nanoseconds < 1e9) return fmt::format("{:.1f} ms", nanoseconds / 1e6);
  return fmt::format("{:.2f} s", nanoseconds / 1e9);
}

/// fmt counts bytes where a column should count characters.
std::string right(std::string text, std::size_t width) {
  std::size_t characters = 0;
  for (const char c : text) characters += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  return characters < width ? std::string(width - characters, ' ') + text : text;
}

/// ": 503 12, 1013 3" of the figures that begin with `start`, those that are 0 left out.
std::string causes(const Counts& counts, std::string_view start) {
  std::string text;
  for (std::size_t i = 0; i < kFigures; ++i) {
    const std::string_view name = figure_info()[i].name;
    if (!name.starts_with(start) || counts[i] == 0) continue;
    text += fmt::format("{} {} {}", text.empty() ? ":" : ",", name.substr(start.size()), counts[i]);
  }
  return text;
}

void add_histograms(std::string& text, const LoadHistograms& histograms) {
  text += "                          p50        p90        p99      p99.9        max\n";
  for (const auto& [name, member] : load_histograms()) {
    const Histogram& values = histograms.*member;
    if (values.count() == 0) continue;
    std::string label = name;
    for (char& c : label) c = c == '_' ? ' ' : c;
    text += fmt::format("  {:<16}", label);
    for (const double quantile : {0.5, 0.9, 0.99, 0.999, 1.0}) {
      text += " " + right(for_people(values.quantile(quantile)), 10);
    }
    text += "\n";
  }
}

}  // namespace

std::string summary_text(const LoadReport& report, bool color) {
  const Counts sums = report.figures.totals();
  const LeftOver& left = report.figures.left;
  std::string text;
  const auto line = [&](const char* label, const std::string& rest) {
    fmt::format_to(std::back_inserter(text), "{:<12} {}\n", label, rest);
  };
  line("ran",
       fmt::format("{:.1f} s{}, seed {}{}", report.duration_s, report.stopped ? " (stopped)" : "",
                   report.seed, report.shard == "0/1" ? "" : ", shard " + report.shard));
  line("sessions",
       fmt::format("{} started, {} completed, {} lost, {} under way at the end",
                   count(sums, Figure::sessions_started), count(sums, Figure::sessions_completed),
                   count(sums, Figure::sessions_lost),
                   left.connections_open + left.attempts_under_way + left.sessions_waiting));
  line("attempts",
       fmt::format("{} opened, {} refused{}, {} failed{}", count(sums, Figure::opened),
                   refused(sums), causes(sums, "refused_"), failed(sums), causes(sums, "failed_")));
  line("connections", fmt::format("{} closed{}; {} open at the end", closed(sums),
                                  causes(sums, "closed_"), left.connections_open));
  if (count(sums, Figure::messages_sent) > 0) {
    const std::int64_t others = count(sums, Figure::messages_from_others);
    const double seconds = report.duration_s > 0 ? report.duration_s : 1;
    line("messages",
         fmt::format("{} sent ({:.0f}/s), {} received, {} lost, {} mismatched, {} in flight at the "
                     "end{}",
                     count(sums, Figure::messages_sent),
                     static_cast<double>(count(sums, Figure::messages_sent)) / seconds,
                     count(sums, Figure::messages_received), count(sums, Figure::messages_lost),
                     count(sums, Figure::messages_mismatched), left.messages_in_flight,
                     others == 0 ? "" : fmt::format("; {} from others", others)));
  }
  add_histograms(text, report.figures.histograms);
  const auto painted = [&](const char* code, const std::string& words) {
    return color ? fmt::format("\x1b[{}m{}\x1b[0m", code, words) : words;
  };
  for (const ThresholdResult& threshold : report.thresholds) {
    line("threshold", fmt::format("{} ({:.6g}): {}", threshold.text, threshold.value,
                                  threshold.met ? painted("32", "met") : painted("31", "missed")));
  }
  return text;
}

}  // namespace wsfleet
