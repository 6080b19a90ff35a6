// SPDX-License-Identifier: Apache-2.0
#include "cluster/prometheus/range_query.h"

#include <fmt/format.h>

#include <optional>

#include "cluster/prometheus/query_answer.h"
#include "core/net/http_client.h"

namespace wsfleet {
namespace {

using Json = nlohmann::json;

/// [[time, "value"], ...]; a series of native histograms only has none.
bool read_points(const Json& element, RangeSeries& series) {
  const auto values = element.find("values");
  if (values == element.end()) return element.contains("histograms");
  if (!values->is_array()) return false;
  series.points.reserve(values->size());
  for (const Json& pair : *values) {
    if (!pair.is_array() || pair.size() != 2 || !pair[0].is_number() || !pair[1].is_string()) {
      return false;
    }
    const auto value = parse_sample_value(pair[1].get_ref<const std::string&>());
    if (!value) return false;
    series.points.emplace_back(sample_time(pair[0].get<double>()), *value);
  }
  return true;
}

std::string seconds_text(TimeNs time) {
  const TimeNs milliseconds = time / kMillisecond;
  return fmt::format("{}.{:03}", milliseconds / 1000, milliseconds % 1000);
}

}  // namespace

Result<std::vector<RangeSeries>> parse_range_query(int http_status, std::string_view body) {
  const auto result = query_result(http_status, body, "matrix");
  if (!result) return tl::unexpected(result.error());
  std::vector<RangeSeries> all;
  for (const Json& element : *result) {
    RangeSeries series;
    auto labels = read_labels(element);
    if (!labels || !read_points(element, series)) {
      return fail(ErrorKind::unavailable,
                  fmt::format("gave a series that can't be read, number {}", all.size() + 1));
    }
    series.labels = std::move(*labels);
    all.push_back(std::move(series));
  }
  return all;
}

std::string range_query_target(std::string_view query, TimeNs start, TimeNs end, TimeNs step) {
  return fmt::format("/api/v1/query_range?query={}&start={}&end={}&step={}", percent_encode(query),
                     seconds_text(start), seconds_text(end), seconds_text(step));
}

}  // namespace wsfleet
