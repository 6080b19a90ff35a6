// SPDX-License-Identifier: Apache-2.0
#pragma once
// What an agent is told to run: the body of POST /start (docs/formats/loadgen-agent.md). Pure.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace wsfleet {

inline constexpr const char* kReportFile = "report.json";  // in the load generator's directory
inline constexpr const char* kLogFile = "loadgen.log";

struct StartRequest {
  std::vector<std::string> arguments;
  std::map<std::string, std::string> files;  // text by name
};

/// An error (usage) says what is wrong with it.
Result<StartRequest> parse_start_request(std::string_view body);

/// The value of --shard among the arguments; "" without.
std::string shard_of(const std::vector<std::string>& arguments);

/// Takes the same time wherever the two differ; false when `expected` is empty.
bool same_token(std::string_view given, std::string_view expected);

}  // namespace wsfleet
