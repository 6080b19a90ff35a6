// SPDX-License-Identifier: Apache-2.0
#include "scaler/decide.h"

#include <fmt/format.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace wsfleet {
namespace {

using nlohmann::json;

bool is_blank(const std::string& line) {
  return line.find_first_not_of(" \t\r") == std::string::npos;
}

/// Nothing for what is no observation but told beside them (docs/formats/scaler.md).
Result<std::optional<Observation>> observation_of(const std::string& line) {
  try {
    const json object = json::parse(line);
    if (!object.is_object()) {
      return fail(std::string("an observation must be an object, not ") + object.type_name());
    }
    if (object.contains("event")) return std::nullopt;
    const auto inner = object.find("observation");
    auto read = observation_from_json(inner != object.end() ? *inner : object);
    if (!read) return tl::unexpected(read.error());
    return std::move(*read);
  } catch (const json::exception& exception) {
    return fail(std::string("not JSON: ") + exception.what());
  }
}

}  // namespace

Result<void> decide_stream(std::istream& in, std::ostream& out, Policy& policy) {
  double last_time_s = -std::numeric_limits<double>::infinity();
  std::string line;
  for (std::int64_t number = 1; std::getline(in, line); ++number) {
    if (is_blank(line)) continue;
    const Result<std::optional<Observation>> read = observation_of(line);
    if (!read) return fail(fmt::format("line {}: {}", number, read.error().message));
    if (!*read) continue;
    const Observation& observation = **read;
    if (observation.time_s < last_time_s) {
      return fail(fmt::format("line {}: time_s {} comes before the {} of an earlier line", number,
                              observation.time_s, last_time_s));
    }
    last_time_s = observation.time_s;
    // Flushed line by line: the other side may be a program that waits for the answer.
    out << to_json(policy.decide(observation)).dump() << '\n' << std::flush;
    if (!out) return fail(fmt::format("line {}: the decision can't be written", number));
  }
  if (in.bad()) return fail("the observations can't be read to their end");
  return {};
}

}  // namespace wsfleet
