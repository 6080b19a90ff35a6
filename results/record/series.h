// SPDX-License-Identifier: Apache-2.0
#pragma once
// series.csv: a run over time, one row per scrape interval. Levels are those at the interval's end,
// counts are summed over it, rates and shares are its mean. The column table is documented in
// docs/formats/results.md and a test holds both together. Pure but for read_series.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/seam/demand.h"
#include "core/seam/run_record.h"

namespace wsfleet {

enum class Aggregate { last, sum, mean, max };

struct SeriesColumn {
  const char* name;
  Aggregate aggregate;
  const char* meaning;
  double (*value)(const SecondRow&, const Objective&);
};

std::span<const SeriesColumn> series_columns();

/// One vector of values per column, all of the same length.
struct Series {
  std::vector<std::string> columns;
  std::vector<std::vector<double>> values;

  std::size_t length() const { return values.empty() ? 0 : values.front().size(); }
  /// Empty when there is no such column.
  std::span<const double> column(std::string_view name) const;
};

/// Intervals start at t = 0; the last may be shorter. An interval under 1 s counts as 1 s. The
/// first column, time_s, is the end of the interval.
Series build_series(std::span<const SecondRow> rows, const Objective& objective, TimeNs interval);

/// Header line and rows; numbers in their shortest exact form, so the same run gives the same
/// bytes. What is not known is an empty cell.
std::string to_csv(const Series& series);
Result<Series> parse_series(std::string_view csv, const std::string& name);
/// `path` is the file series.csv.
Result<Series> read_series(const std::string& path);

}  // namespace wsfleet
