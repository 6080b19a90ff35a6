// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads the `[workload]` section of a scenario; docs/formats/scenario-workload.md describes every
// key. Reads the trace file too, where the shape is `trace`. Mistakes become diagnostics of the
// table's document, the defaults stand in for what is wrong.

#include <string>

#include "core/toml/toml_reader.h"
#include "loadgen/workload.h"

namespace wsfleet {

/// `scenario_directory` is what a relative path of a trace starts from; "" is the current
/// directory.
WorkloadSettings read_workload(TomlTable table, const std::string& scenario_directory);

}  // namespace wsfleet
