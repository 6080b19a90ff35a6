// SPDX-License-Identifier: Apache-2.0
#pragma once
// What answers of Prometheus' HTTP API to queries have in common. Pure.

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/time.h"

namespace wsfleet {

/// The list `data.result` of an answer of this type ("vector", "matrix"). Whatever else was
/// answered is an error (unavailable) with what Prometheus said: a failure, warnings (the answer
/// may be incomplete), other types, no JSON.
Result<nlohmann::json> query_result(int http_status, std::string_view body,
                                    const std::string& type);

/// The labels of an element; nothing where they can't be read.
std::optional<std::map<std::string, std::string>> read_labels(const nlohmann::json& element);

/// As Prometheus writes numbers: "12", "1e+06", "NaN", "+Inf"; what no double holds is infinite.
std::optional<double> parse_sample_value(std::string_view text);

/// Prometheus counts milliseconds. 0 where that is no time between 1843 and 2096.
TimeNs sample_time(double seconds);

}  // namespace wsfleet
