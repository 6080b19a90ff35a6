// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/websocket/comparison.h"

#include <algorithm>
#include <cstdio>

namespace wsfleet::bench {
namespace {

struct Series {
  std::vector<double> figures;  // one per round
  std::optional<Error> error;   // why there are no more
};

double median(std::vector<double> figures) {
  std::sort(figures.begin(), figures.end());
  const std::size_t middle = figures.size() / 2;
  return figures.size() % 2 == 1 ? figures[middle] : (figures[middle - 1] + figures[middle]) / 2;
}

void print_row(const std::string& name, const std::vector<double>& figures, int decimals) {
  const auto [lowest, highest] = std::minmax_element(figures.begin(), figures.end());
  std::printf("  %-42s %9.*f %9.*f %9.*f", name.c_str(), decimals, median(figures), decimals,
              *lowest, decimals, *highest);
}

std::string target_text(const Target& target, double reached) {
  if (!target.value) return "";  // nothing to reach
  const bool met = target.at_most ? reached <= *target.value : reached >= *target.value;
  char text[96];
  std::snprintf(text, sizeof text, "   %s %.2f: %s", target.at_most ? "at most" : "at least",
                *target.value, met ? "met" : "MISSED");
  std::string all = text;
  if (target.aim) {
    std::snprintf(text, sizeof text, " (aim: %.2f)", *target.aim);
    all += text;
  }
  return all;
}

void print_ratio(const Comparison& comparison, const std::vector<Series>& series,
                 const Target& target) {
  if (target.to.empty()) return;  // told beside the figure
  std::size_t other = 0;
  while (comparison.contestants[other].name != target.to) ++other;
  if (series.front().error || series[other].error) return;
  std::vector<double> ratios;
  for (std::size_t round = 0; round < series.front().figures.size(); ++round) {
    ratios.push_back(series.front().figures[round] / series[other].figures[round]);
  }
  print_row(comparison.contestants.front().name + " / " + target.to, ratios, 2);
  std::printf("%s\n", target_text(target, median(ratios)).c_str());
}

}  // namespace

void print_table_head(int rounds) {
  std::printf("Rounds in turn: %d; ratios are taken within a round\n\n", rounds);
  std::printf("  %-42s %9s %9s %9s   %s\n", "", "median", "lowest", "highest", "target");
}

bool compare(const Comparison& comparison, int rounds) {
  std::vector<Series> series(comparison.contestants.size());
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < series.size(); ++i) {
      if (series[i].error) continue;
      const auto figure = comparison.contestants[i].measure();
      if (figure) {
        series[i].figures.push_back(*figure / comparison.scale);
      } else {
        series[i].error = figure.error();
      }
    }
  }
  bool sound = true;
  std::printf("%s\n", comparison.title.c_str());
  for (std::size_t i = 0; i < series.size(); ++i) {
    const std::string& name = comparison.contestants[i].name;
    if (!series[i].error) {
      print_row(name, series[i].figures, comparison.decimals);
      for (const Target& target : comparison.targets) {
        if (i > 0 || !target.to.empty()) continue;
        std::printf("%s", target_text(target, median(series[i].figures)).c_str());
      }
      std::printf("\n");
      continue;
    }
    const bool missing = series[i].error->kind == ErrorKind::unavailable;
    sound = sound && missing;
    std::printf("  %-42s %s: %s\n", name.c_str(), missing ? "not measured" : "FAILED",
                series[i].error->message.c_str());
  }
  for (const Target& target : comparison.targets) print_ratio(comparison, series, target);
  std::printf("\n");
  std::fflush(stdout);
  return sound;
}

}  // namespace wsfleet::bench
