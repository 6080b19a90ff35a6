// SPDX-License-Identifier: Apache-2.0
#include "results/report/data/downsample.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <limits>

namespace wsfleet {
namespace {

constexpr double kNoValue = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kHourOfRows = 3600;

struct Extremes {
  double lowest = kNoValue;
  double highest = kNoValue;
  bool lowest_first = true;
};

Extremes extremes_of(std::span<const double> rows) {
  Extremes found;
  for (const double value : rows) {
    if (std::isnan(value)) continue;
    if (std::isnan(found.lowest)) {
      found.lowest = found.highest = value;
    } else if (value < found.lowest) {
      found.lowest = value;
      found.lowest_first = false;
    } else if (value > found.highest) {
      found.highest = value;
      found.lowest_first = true;
    }
  }
  return found;
}

template <class OfStep>
std::vector<double> by_step(const StepGrid& grid, OfStep of_step) {
  std::vector<double> values;
  values.reserve(grid.steps());
  for (std::size_t begin = 0; begin < grid.rows; begin += grid.rows_per_step) {
    values.push_back(of_step(begin, std::min(grid.rows_per_step, grid.rows - begin)));
  }
  return values;
}

// NaN without any value.
double sum_of(std::span<const double> rows) {
  double sum = kNoValue;
  for (const double value : rows) {
    if (!std::isnan(value)) sum = std::isnan(sum) ? value : sum + value;
  }
  return sum;
}

}  // namespace

StepGrid choose_grid(std::size_t rows, std::size_t max_steps) {
  constexpr std::array<std::size_t, 13> kSteps{1,  2,   5,   10,  15,  20,  30,
                                               60, 120, 300, 600, 900, 1800};
  for (const std::size_t step : kSteps) {
    const StepGrid grid{rows, step};
    if (grid.steps() <= max_steps) return grid;
  }
  StepGrid grid{rows, kHourOfRows};
  while (grid.steps() > max_steps) grid.rows_per_step += kHourOfRows;
  return grid;
}

std::vector<double> downsample_level(std::span<const double> rows, const StepGrid& grid) {
  assert(rows.size() == grid.rows);
  std::vector<double> values;
  values.reserve(grid.steps());
  const std::size_t pair = 2 * grid.rows_per_step;
  for (std::size_t begin = 0; begin < rows.size(); begin += pair) {
    const std::size_t size = std::min(pair, rows.size() - begin);
    const Extremes found = extremes_of(rows.subspan(begin, size));
    if (size <= grid.rows_per_step) {
      values.push_back(found.highest);
      continue;
    }
    values.push_back(found.lowest_first ? found.lowest : found.highest);
    values.push_back(found.lowest_first ? found.highest : found.lowest);
  }
  return values;
}

std::vector<double> downsample_sum(std::span<const double> rows, const StepGrid& grid) {
  assert(rows.size() == grid.rows);
  return by_step(
      grid, [&](std::size_t begin, std::size_t size) { return sum_of(rows.subspan(begin, size)); });
}

std::vector<double> downsample_max(std::span<const double> rows, const StepGrid& grid) {
  assert(rows.size() == grid.rows);
  return by_step(grid, [&](std::size_t begin, std::size_t size) {
    return extremes_of(rows.subspan(begin, size)).highest;
  });
}

std::vector<double> downsample_share(std::span<const double> part, std::span<const double> whole,
                                     const StepGrid& grid) {
  assert(part.size() == grid.rows && whole.size() == grid.rows);
  return by_step(grid, [&](std::size_t begin, std::size_t size) {
    const double total = sum_of(whole.subspan(begin, size));
    return total > 0 ? sum_of(part.subspan(begin, size)) / total : kNoValue;
  });
}

}  // namespace wsfleet
