// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads `[workload.arrivals]`: a shape and the keys that belong to it. The part of the section that
// grows with each new shape (docs/how-to/add-a-workload-shape.md).

#include <string>
#include <string_view>
#include <vector>

#include "core/toml/toml_reader.h"
#include "loadgen/workload.h"

namespace wsfleet {

/// The most sessions per second that a scenario may ask for, and the most at once.
inline constexpr double kMostArrivalsPerSecond = 1e6;
inline constexpr double kMostConcurrent = 1e8;

ArrivalSettings read_arrivals(TomlTable table, const std::string& scenario_directory);

/// The words for `shape`, sorted; the shape of each is at the same place.
std::vector<std::string> arrival_shape_names();
std::vector<ArrivalShape> arrival_shapes();

/// Reports each key that stands in the table but belongs to another value of `chooser` ("shape
/// 'flash'"), and marks it as known, so that it is not called unknown as well. `belongs_to` says
/// where a key belongs, as words for the hint; "" for nowhere.
void report_misplaced(TomlTable& table, const std::string& chooser,
                      const std::vector<std::string>& own_keys,
                      std::string (*belongs_to)(std::string_view key));

}  // namespace wsfleet
