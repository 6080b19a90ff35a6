// SPDX-License-Identifier: Apache-2.0
#pragma once
// One measurement of several contestants in turn, round after round, so that a machine whose speed
// wanders treats them alike; ratios are taken within a round. Prints its part of the table.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"

namespace wsfleet::bench {

struct Contestant {
  std::string name;
  std::function<Result<double>()> measure;
};

/// For the ratio of the first contestant's figure to that of another, or for the figure itself.
struct Target {
  std::string to;               // the other's name; empty: the figure itself
  std::optional<double> value;  // absent: the ratio is shown and no more
  bool at_most = false;         // else: at least
  std::optional<double> aim;
};

struct Comparison {
  std::string title;  // what is measured, and its unit
  std::vector<Contestant> contestants;
  std::vector<Target> targets;
  double scale = 1;  // figures are printed divided by it
  int decimals = 1;
};

void print_table_head(int rounds);

/// False when a measurement failed; what is only missing is told and left out.
bool compare(const Comparison& comparison, int rounds);

}  // namespace wsfleet::bench
