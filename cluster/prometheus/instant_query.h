// SPDX-License-Identifier: Apache-2.0
#pragma once
// Answers of Prometheus' HTTP API to instant queries, and what they say of open connections by pod
// (docs/formats/prometheus.md). Pure.

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/result.h"
#include "core/seam/seam.h"
#include "core/time.h"

namespace wsfleet {

struct QuerySample {
  std::map<std::string, std::string> labels;
  double value = 0;           // NaN and infinities as they came
  TimeNs evaluated_at = 0;    // since 1970, on Prometheus' clock
  bool is_histogram = false;  // a native histogram: no value
};

/// The elements of an instant vector. Whatever else was answered is an error (unavailable) with
/// what Prometheus said: a failure, warnings (the answer may be incomplete), other types, no JSON.
Result<std::vector<QuerySample>> parse_instant_query(int http_status, std::string_view body);

/// Asks for each series of `selector` twice at one moment: its value, and when it was scraped. The
/// label kSamplePart, which the query adds, tells the two apart.
inline constexpr const char* kSamplePart = "wsfleet_part";
inline constexpr const char* kScrapedAtPart = "scraped_at";
std::string connections_query(std::string_view selector);

struct PodSamples {
  std::unordered_map<std::string, MetricSample> by_uid;
  std::vector<std::string> left_out;  // why something that was answered is no sample
};
/// Reads the answer to connections_query(). Of several series of a pod the latest counts.
PodSamples samples_by_pod(const std::vector<QuerySample>& answer, const std::string& uid_label,
                          TimeNs lookback);

}  // namespace wsfleet
