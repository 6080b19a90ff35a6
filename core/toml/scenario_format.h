// SPDX-License-Identifier: Apache-2.0
#pragma once
// What every reader of a scenario file has to agree on, whichever of its tables it reads: the
// format's number and the keys of the top level. Who reads some of them accepts all the others, so
// that a new key breaks no reader. Pure but for the diagnostics, which land in the document.

#include <array>
#include <string_view>

#include "core/toml/toml_reader.h"

namespace wsfleet {

inline constexpr int kScenarioFormat = 1;

/// docs/formats/scenario.md describes them.
inline constexpr std::array<std::string_view, 16> kScenarioKeys = {
    "format", "name",    "description", "duration",  "warmup", "seed",   "start", "workload",
    "server", "cluster", "metrics",     "objective", "scaler", "policy", "fault", "expect"};

/// False where the file has another format or none: its other keys mean something else then.
bool check_format(TomlTable& root);

/// Reports what is no key of a scenario's top level, nor one that the caller asked for.
void finish_scenario(TomlTable& root);

}  // namespace wsfleet
