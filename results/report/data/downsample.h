// SPDX-License-Identifier: Apache-2.0
#pragma once
// Thins a run's rows out to what a screen can show without losing its peaks: levels keep each
// pair of steps' lowest and highest row, counts are summed, rates keep their highest row. Pure.

#include <cstddef>
#include <span>
#include <vector>

namespace wsfleet {

inline constexpr std::size_t kMaxPoints = 1000;

/// `rows` rows in steps of `rows_per_step`; the last step may be shorter.
struct StepGrid {
  std::size_t rows = 0;
  std::size_t rows_per_step = 1;

  std::size_t steps() const { return (rows + rows_per_step - 1) / rows_per_step; }
};

/// The finest of 1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800 and whole hours of rows that
/// needs at most `max_steps` (> 0) steps.
StepGrid choose_grid(std::size_t rows, std::size_t max_steps = kMaxPoints);

/// Each pair of steps becomes its lowest and its highest row, in the order in which they occurred;
/// with one row per step that is the rows themselves. A last step without a partner becomes its
/// highest row. NaN is no value; a pair without any value is NaN.
std::vector<double> downsample_level(std::span<const double> rows, const StepGrid& grid);
/// NaN without any value.
std::vector<double> downsample_sum(std::span<const double> rows, const StepGrid& grid);
/// The highest row of each step; NaN without any value.
std::vector<double> downsample_max(std::span<const double> rows, const StepGrid& grid);
/// sum(part) / sum(whole); NaN where the whole is 0.
std::vector<double> downsample_share(std::span<const double> part, std::span<const double> whole,
                                     const StepGrid& grid);

}  // namespace wsfleet
