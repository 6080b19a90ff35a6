// SPDX-License-Identifier: Apache-2.0
#pragma once
// Scenarios by path or by name: `flash-crowd` is scenarios/flash-crowd.toml in the current
// directory, of the checkout that the program was built in, or installed with it
// (share/wsfleet/scenarios). Looks at the file system only.

#include <string>
#include <vector>

namespace wsfleet {

/// The file as the user named it when it is there or looks like a path, else the bundled one of
/// that name, else the name itself (which then can't be read).
std::string find_scenario(const std::string& name_or_path);

/// Where bundled scenarios are looked for, those directories that exist.
std::vector<std::string> scenario_directories();

/// Names of the bundled scenarios, sorted.
std::vector<std::string> bundled_scenarios();

}  // namespace wsfleet
