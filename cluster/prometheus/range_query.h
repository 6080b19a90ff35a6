// SPDX-License-Identifier: Apache-2.0
#pragma once
// Answers of Prometheus' HTTP API to range queries (docs/formats/prometheus.md). Pure.

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/time.h"

namespace wsfleet {

/// Prometheus refuses to answer with more of them.
inline constexpr std::int64_t kMostPointsPerSeries = 11'000;

struct RangeSeries {
  std::map<std::string, std::string> labels;
  std::vector<std::pair<TimeNs, double>> points;  // since 1970, ascending; NaN and infinities as
                                                  // they came
};

/// The series of a matrix; native histograms have no points. Whatever else was answered is an error
/// (unavailable), as with parse_instant_query().
Result<std::vector<RangeSeries>> parse_range_query(int http_status, std::string_view body);

/// "/api/v1/query_range?..." from `start` to `end`, both of them included, since 1970.
std::string range_query_target(std::string_view query, TimeNs start, TimeNs end, TimeNs step);

}  // namespace wsfleet
